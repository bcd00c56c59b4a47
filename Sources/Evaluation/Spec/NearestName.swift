/// The candidate that differs from `name` in the fewest single-byte edits, if in at most a third
/// of its length (and at least two are allowed).
func nearestName(to name: String, among candidates: [String]) -> String? {
  let limit = max(2, name.utf8.count / 3)
  let ranked = candidates.filter { !$0.isEmpty }.map {
    (name: $0, distance: editDistance(name, $0))
  }
  guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= limit else {
    return nil
  }
  return best.name
}

private func editDistance(_ one: String, _ two: String) -> Int {
  let one = Array(one.utf8)
  let two = Array(two.utf8)
  var row = Array(0...two.count)
  for (index, byte) in one.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for column in two.indices {
      let substituted = diagonal + (byte == two[column] ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(substituted, row[column] + 1, diagonal + 1)
    }
  }
  return row[two.count]
}
