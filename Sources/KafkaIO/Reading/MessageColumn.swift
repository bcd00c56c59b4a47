public import Columns

/// A column that a message has beside its value.
public enum MessageColumn: Hashable, Sendable {
  case key, topic, partition, offset, timestamp
  /// The last header of this name.
  case header(String)

  private static let fixed: [(String, MessageColumn)] = [
    ("__key", .key), ("__topic", .topic), ("__partition", .partition), ("__offset", .offset),
    ("__timestamp", .timestamp),
  ]
  private static let headerPrefix = "__headers."

  /// The column called `name` in formulas; `nil` if messages have none of that name.
  public init?(named name: String) {
    if let column = Self.fixed.first(where: { $0.0 == name })?.1 {
      self = column
    } else if name.hasPrefix(Self.headerPrefix), name.count > Self.headerPrefix.count {
      self = .header(String(name.dropFirst(Self.headerPrefix.count)))
    } else {
      return nil
    }
  }

  /// The name in formulas.
  public var name: String {
    if case .header(let name) = self { return Self.headerPrefix + name }
    return Self.fixed.first { $0.1 == self }?.0 ?? ""
  }

  /// The names of all but headers.
  public static var names: [String] { fixed.map(\.0) }

  /// The column as a field called `name`.
  public func field(named name: String) -> Field {
    switch self {
    case .key, .topic, .header: Field(name, .string)
    case .partition, .offset: Field(name, .int64)
    case .timestamp: Field(name, .timestamp, timestampUnit: .microseconds)
    }
  }

  /// Whether it is text that each message brings.
  var isText: Bool {
    switch self {
    case .key, .header: true
    case .topic, .partition, .offset, .timestamp: false
    }
  }
}
