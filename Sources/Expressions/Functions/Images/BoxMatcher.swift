/// Boxes that were found in an image against those that are there.
///
/// Of one class, the found boxes claim, the greatest score first, each the free box that they overlap
/// most, if by enough. Source: TFMA 0.52 `preprocessors/utils/box_match.py`, `bounding_box.py`.
struct BoxMatcher: Sendable {
  var classID: Double
  /// The least intersection over union of a match.
  var leastOverlap: Double
  /// Boxes of other areas do not count: as labels at all, when found if they match none.
  var areas: ClosedRange<Double>
  /// How many found boxes of the class count, the greatest scores first.
  var most: Int

  /// A box that is there, or one that was found where none is.
  struct Outcome: Hashable, Sendable {
    var isThere: Bool
    /// Of the box found; 0 when a box that is there was not.
    var score: Double
  }

  /// Numbers of a box: left, top, right, bottom, class; and, of a found one, score.
  static let labelWidth = 5
  static let foundWidth = 6

  /// What became of each box, or `nil` if the numbers are no boxes.
  ///
  /// - Complexity: O(boxes there × boxes found).
  func outcomes(_ labels: ArraySlice<Double>, _ found: ArraySlice<Double>) -> [Outcome]? {
    guard let all = Box.boxes(labels, width: Self.labelWidth),
      let candidates = Box.boxes(found, width: Self.foundWidth)
    else { return nil }
    let there = all.filter { $0.classID == classID && areas.contains($0.area) }
    let ranked = candidates.filter { $0.classID == classID }.enumerated().sorted {
      ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
    }.prefix(most).map(\.element)
    var claims = [Int?](repeating: nil, count: there.count)
    var free: [Outcome] = []
    for (index, box) in ranked.enumerated() {
      var overlap = min(leastOverlap, 1 - 1e-10)
      var best: Int?
      for place in there.indices where claims[place] == nil {
        let found = box.overlap(with: there[place])
        if found >= overlap { (overlap, best) = (found, place) }
      }
      if let best {
        claims[best] = index
      } else if areas.contains(box.area) {
        free.append(Outcome(isThere: false, score: box.score))
      }
    }
    return claims.map { Outcome(isThere: true, score: $0.map { ranked[$0].score } ?? 0) } + free
  }
}

private struct Box {
  let left, top, right, bottom, classID, score: Double

  /// `nil` if there is half a box, or one of a negative width or height, or NaN among the numbers.
  static func boxes(_ numbers: ArraySlice<Double>, width: Int) -> [Box]? {
    guard numbers.count % width == 0 else { return nil }
    var boxes: [Box] = []
    for start in stride(from: numbers.startIndex, to: numbers.endIndex, by: width) {
      let box = Box(
        left: numbers[start], top: numbers[start + 1], right: numbers[start + 2],
        bottom: numbers[start + 3], classID: numbers[start + 4],
        score: width > BoxMatcher.labelWidth ? numbers[start + 5] : 0)
      guard box.left <= box.right, box.top <= box.bottom, !box.score.isNaN else { return nil }
      boxes.append(box)
    }
    return boxes
  }

  var area: Double { (right - left) * (bottom - top) }

  /// Intersection over union; 0 for boxes without area.
  func overlap(with other: Box) -> Double {
    let width = max(min(right, other.right) - max(left, other.left), 0)
    let height = max(min(bottom, other.bottom) - max(top, other.top), 0)
    let union = area + other.area - width * height
    return union == 0 ? 0 : width * height / union
  }
}
