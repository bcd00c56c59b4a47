/// How a timestamp is written in the input.
public enum TimestampUnit: String, Hashable, Sendable, CaseIterable {
  case seconds = "timestamp_s"
  case milliseconds = "timestamp_ms"
  case microseconds = "timestamp_us"
  /// RFC 3339 text, such as `2026-09-01T10:00:00.25Z`.
  case iso8601 = "timestamp"
}

/// How a string column is held after decoding.
public enum StringEncoding: Hashable, Sendable {
  /// Dense ids into a ``StringDictionary`` that lives as long as the decoder.
  case dictionary
  /// The bytes of this batch only; for values that hardly repeat and are only passed on or split.
  case plain
}

/// A named, typed column of the input.
public struct Field: Hashable, Sendable {
  public var name: String
  public var type: DataType
  /// How the value is written, for a `timestamp` field.
  public var timestampUnit: TimestampUnit
  /// How the value is held, for a `string` or `list<string>` field.
  public var encoding: StringEncoding

  public init(
    _ name: String, _ type: DataType, timestampUnit: TimestampUnit = .iso8601,
    encoding: StringEncoding = .dictionary
  ) {
    self.name = name
    self.type = type
    self.timestampUnit = timestampUnit
    self.encoding = encoding
  }
}

/// The fields of a record batch, in order; names are unique.
public struct Schema: Hashable, Sendable {
  public let fields: [Field]
  private let positions: [String: Int]

  public init(_ fields: [Field]) {
    self.fields = fields
    positions = Dictionary(
      fields.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The position of the field called `name`, or `nil`.
  public func position(of name: String) -> Int? { positions[name] }

  /// The field called `name`, or `nil`.
  public func field(named name: String) -> Field? { positions[name].map { fields[$0] } }
}
