/// `; did you mean 'x'?` for the candidate nearest to a misspelt name, or nothing.
func suggestion(for name: String, among candidates: [String]) -> String {
  let limit = max(2, name.utf8.count / 3)
  let nearest = candidates.map { ($0, editDistance(name, $0)) }.min { $0.1 < $1.1 }
  guard let (candidate, distance) = nearest, distance <= limit else { return "" }
  return "; did you mean '\(candidate)'?"
}

private func editDistance(_ first: String, _ second: String) -> Int {
  let first = Array(first.lowercased().utf8)
  let second = Array(second.lowercased().utf8)
  var row = Array(0...second.count)
  for (i, byte) in first.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in second.enumerated() {
      let substituted = diagonal + (byte == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
    }
  }
  return row[second.count]
}
