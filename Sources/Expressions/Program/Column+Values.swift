import Columns

extension Column {
  /// The values as doubles; shape `[rows]`. Integers beyond 2^53 are rounded.
  func doubles() -> [Double] {
    switch self {
    case .float64(let column): column.values
    case .int64(let column): column.values.map { Double($0) }
    case .bool(let column): column.values.map { $0 ? 1 : 0 }
    case .string, .plain, .list: preconditionFailure("strings and lists are not numbers")
    }
  }

  /// The values of an int64, timestamp or bool column; shape `[rows]`.
  func integers() -> [Int64] {
    switch self {
    case .int64(let column): column.values
    case .bool(let column): column.values.map { $0 ? 1 : 0 }
    case .float64, .string, .plain, .list: preconditionFailure("not a column of integers")
    }
  }

  func booleans() -> [Bool] {
    guard case .bool(let column) = self else { preconditionFailure("not a column of booleans") }
    return column.values
  }
}

extension [Column] {
  /// The rows present in every column.
  func commonValidity(_ rowCount: Int) -> Validity {
    reduce(Validity(allPresent: rowCount)) { $0.intersection($1.validity) }
  }
}

extension Validity {
  /// Without `rows`, which are in `0..<count`.
  func excluding(_ rows: [Int]) -> Validity {
    guard !rows.isEmpty else { return self }
    var kept = bitWords
    for row in rows { kept[row >> 6] &= ~(1 << UInt64(row & 63)) }
    return Validity(words: kept, count: count)
  }

  /// One bit a row, also when every row is present; bits past `count` are clear.
  var bitWords: [UInt64] {
    guard words.isEmpty else { return words }
    var all = [UInt64](repeating: ~0, count: (count + 63) / 64)
    if count % 64 != 0, !all.isEmpty { all[all.count - 1] = (1 << UInt64(count % 64)) - 1 }
    return all
  }
}
