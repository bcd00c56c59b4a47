/// One component of a grouping key.
///
/// Equality is that of bytes: strings are not normalized, NaN equals NaN, −0 differs from 0.
public enum KeyValue: Hashable, Sendable {
  case missing
  case bool(Bool)
  case int64(Int64)
  case float64(Double)
  case string(String)
  /// All values that have no place of their own; see ``KeyBudget``.
  case other

  public static func == (one: Self, two: Self) -> Bool {
    switch (one, two) {
    case (.missing, .missing), (.other, .other): true
    case (.bool(let one), .bool(let two)): one == two
    case (.int64(let one), .int64(let two)): one == two
    case (.float64(let one), .float64(let two)): one.bitPattern == two.bitPattern
    case (.string(let one), .string(let two)): order(of: one, two) == 0
    default: false
    }
  }

  /// Negative, 0 or positive, as the bytes of `one` stand before, equal or follow those of `two`.
  static func order(of one: String, _ two: String) -> Int {
    let first = one.utf8Span.span
    let second = two.utf8Span.span
    for index in 0..<min(first.count, second.count) where first[index] != second[index] {
      return Int(first[index]) - Int(second[index])
    }
    return first.count - second.count
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .missing: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .int64(let value): hasher.combine(value)
    case .float64(let value): hasher.combine(value.bitPattern)
    // Equal bytes are canonically equivalent, so String's own hash agrees with ==.
    case .string(let value): hasher.combine(value)
    case .other: hasher.combine(UInt8.max)
    }
  }
}

extension KeyValue {
  /// The value as a job file would write it.
  public var text: String {
    switch self {
    case .missing: "missing"
    case .bool(let value): value.description
    case .int64(let value): value.description
    case .float64(let value): value.description
    case .string(let value): value
    case .other: "__other__"
    }
  }

  /// Whether a value in a job file means this one: `"3"` is the text and the integer.
  public func matches(_ text: String) -> Bool {
    switch self {
    case .missing, .other: false
    case .bool(let value): value.description == text
    case .int64(let value): Int64(text) == value
    case .float64(let value): Double(text) == value
    case .string(let value): value.utf8.elementsEqual(text.utf8)
    }
  }
}
