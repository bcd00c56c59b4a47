import Columns

/// The values of a numeric column, bools as 0 and 1.
enum NumericColumn {
  case doubles([Double], Validity)
  case integers([Int64], Validity)

  /// - Precondition: `column` is `bool`, `int64` or `float64`.
  init(_ column: Column) {
    switch column {
    case .float64(let column): self = .doubles(column.values, column.validity)
    case .int64(let column): self = .integers(column.values, column.validity)
    case .bool(let column): self = .integers(column.values.map { $0 ? 1 : 0 }, column.validity)
    case .string, .plain, .list: preconditionFailure("a numeric column is needed")
    }
  }

  var validity: Validity {
    switch self {
    case .doubles(_, let validity), .integers(_, let validity): validity
    }
  }

  /// The values as doubles (integers rounded to nearest), NaN where absent.
  var doubles: [Double] {
    var values: [Double]
    switch self {
    case .doubles(let held, _): values = held
    case .integers(let held, _): values = held.map { Double($0) }
    }
    if !validity.allPresent {
      for (index, word) in validity.words.enumerated() {
        var missing = ~word
        if index == validity.count >> 6 { missing &= 1 << UInt64(validity.count & 63) - 1 }
        while missing != 0 {
          values[index << 6 + missing.trailingZeroBitCount] = .nan
          missing &= missing - 1
        }
      }
    }
    return values
  }
}
