extension Column {
  /// The rows at `rows`, in that order; a row may stand there several times.
  public func gathered(_ rows: [Int]) -> Column {
    let validity = validity.gathered(rows)
    switch self {
    case .bool(let column):
      return .bool(BoolColumn(rows.map { column.values[$0] }, validity: validity))
    case .int64(let column):
      return .int64(Int64Column(rows.map { column.values[$0] }, validity: validity))
    case .float64(let column):
      return .float64(Float64Column(rows.map { column.values[$0] }, validity: validity))
    case .string(let column):
      return .string(
        StringColumn(
          ids: rows.map { column.ids[$0] }, dictionary: column.dictionary, validity: validity))
    case .plain(let column):
      var bytes: [UInt8] = []
      let offsets = Self.ends(rows, column.offsets) { bytes += column.bytes[$0] }
      return .plain(PlainStringColumn(bytes: bytes, offsets: offsets, validity: validity))
    case .list(let column):
      var elements: [Int] = []
      let offsets = Self.ends(rows, column.offsets) { elements += $0 }
      return .list(
        ListColumn(
          elements: column.elements.gathered(elements), offsets: offsets, validity: validity))
    }
  }

  /// Where each of `rows` ends once the ranges that `take` gets are laid end to end.
  private static func ends(
    _ rows: [Int], _ offsets: [UInt32], _ take: (Range<Int>) -> Void
  ) -> [UInt32] {
    var ends: [UInt32] = [0]
    for row in rows {
      take(Int(offsets[row])..<Int(offsets[row + 1]))
      ends.append(ends[ends.count - 1] + offsets[row + 1] - offsets[row])
    }
    return ends
  }
}

extension Validity {
  fileprivate func gathered(_ rows: [Int]) -> Validity {
    allPresent ? Validity(allPresent: rows.count) : Validity(rows.map(isPresent))
  }
}
