import ByteCoding

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

  /// The value as a job file would write it.
  public var text: String {
    switch self {
    case .missing: "missing"
    case .bool(let value): "\(value)"
    case .int64(let value): "\(value)"
    case .float64(let value): "\(value)"
    case .string(let value): value
    case .other: "__other__"
    }
  }

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

/// An object of one member, `{"string": "de"}`; doubles by their bits, missing without a member.
extension KeyValue: Codable {
  private enum CodingKeys: String, CodingKey {
    case bool, int64, float64, string, other
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch container.allKeys.first {
    case .bool: self = .bool(try container.decode(Bool.self, forKey: .bool))
    case .int64: self = .int64(try container.decode(Int64.self, forKey: .int64))
    case .float64:
      self = .float64(Double(bitPattern: try container.decode(UInt64.self, forKey: .float64)))
    case .string: self = .string(try container.decode(String.self, forKey: .string))
    case .other: self = .other
    case nil: self = .missing
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .missing: break
    case .other: try container.encode(true, forKey: .other)
    case .bool(let value): try container.encode(value, forKey: .bool)
    case .int64(let value): try container.encode(value, forKey: .int64)
    case .float64(let value): try container.encode(value.bitPattern, forKey: .float64)
    case .string(let value): try container.encode(value, forKey: .string)
    }
  }
}

extension [KeyValue] {
  /// A fingerprint of the key's canonical bytes.
  public var fingerprint: UInt64 {
    var writer = ByteWriter()
    for component in self { component.encode(into: &writer) }
    return fingerprint64(writer.bytes)
  }
}
