import Columns

/// How a value of a column is read and held in scratch memory.
enum ValueKind: UInt8 {
  /// Not a column of the projection; a string in the row that its order was learnt from, or not.
  case skipped, skippedString
  case float64, float32, int64, bool
  /// Timestamps by their unit.
  case seconds, milliseconds, microseconds, iso8601
  case string, list
  /// The end of a record; no value.
  case end

  init(_ type: DataType, _ unit: TimestampUnit) {
    switch type {
    case .bool: self = .bool
    case .int64: self = .int64
    case .float32: self = .float32
    case .float64: self = .float64
    case .string: self = .string
    case .list: self = .list
    case .timestamp:
      switch unit {
      case .seconds: self = .seconds
      case .milliseconds: self = .milliseconds
      case .microseconds: self = .microseconds
      case .iso8601: self = .iso8601
      }
    }
  }

  /// What an integer in the text is multiplied by.
  @inline(__always)
  var factor: Int64 { self == .milliseconds ? 1000 : 1 }
}
