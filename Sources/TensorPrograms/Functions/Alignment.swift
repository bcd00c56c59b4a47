import Columns

/// Several lists taken element by element: rows in which they differ in length are missing.
extension TensorProgramBuilder {
  /// The list without the elements of rows that have no list; missing elements stay.
  mutating func ofPresentRows(_ x: TensorValue) -> TensorValue {
    guard let isPresent = x.list?.isPresent else { return x }
    return keepElements(x, ofRowsWhere: filled(isPresent))
  }

  /// The lists with the same elements by place, and their common layout.
  mutating func aligned(_ lists: [TensorValue]) -> ([TensorValue], TensorValue.ListLayout) {
    guard let first = lists[0].list else { preconditionFailure("no list") }
    if lists.dropFirst().allSatisfy({ $0.list == first }) { return (lists, first) }
    var isPresent: Int?
    for list in lists { isPresent = both(isPresent, list.list?.isPresent) }
    let held = lists.map { ofPresentRows($0) }
    let counts = held.map { append(.countByRow, [rows($0), rowCount()], .int64, rank: 1) }
    var isKept: Int?
    for count in counts.dropFirst() where count != counts[0] {
      isKept = both(isKept, binary(.equal, counts[0], count))
    }
    guard let isKept else {
      return (held, .init(elements: .rows(rows(held[0])), isPresent: isPresent))
    }
    let kept = held.map { keepElements($0, ofRowsWhere: isKept) }
    return (
      kept, .init(elements: .rows(rows(kept[0])), isPresent: both(isPresent, isKept))
    )
  }

  private mutating func keepElements(_ x: TensorValue, ofRowsWhere mask: Int) -> TensorValue {
    let rows = rows(x)
    let isKept = gather(mask, at: rows)
    var result = x
    result.values = keep(x.values, where: isKept)
    result.isPresent = x.isPresent.map { keep($0, where: isKept) }
    result.list?.elements = .rows(keep(rows, where: isKept))
    return result
  }
}
