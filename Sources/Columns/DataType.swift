/// The type of a column's values.
///
/// `float32` values are held as doubles that are exactly representable as floats; the type says
/// how they are exported. `timestamp` values are microseconds since the Unix epoch.
public indirect enum DataType: Hashable, Sendable, CustomStringConvertible {
  case bool, int64, float32, float64, timestamp, string
  case list(DataType)

  public var description: String {
    switch self {
    case .bool: "bool"
    case .int64: "int"
    case .float32: "float32"
    case .float64: "float"
    case .timestamp: "timestamp"
    case .string: "string"
    case .list(let element): "list<\(element)>"
    }
  }

  /// Whether arithmetic applies: `bool`, `int64`, `float32` or `float64`.
  public var isNumeric: Bool {
    switch self {
    case .bool, .int64, .float32, .float64: true
    case .timestamp, .string, .list: false
    }
  }

  /// Whether it is a list to whose elements arithmetic applies.
  public var isListOfNumbers: Bool {
    if case .list(let element) = self { element.isNumeric } else { false }
  }
}
