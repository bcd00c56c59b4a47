public import Columns

/// Guesses a schema from a sample of records.
///
/// Fields come in the order they first appear. A field that only ever holds integers is `int`,
/// numbers `float`, `true` and `false` `bool`, arrays `list` of what their elements are; text that
/// is always a date with a time of day (ISO 8601) is `timestamp`, other text `string`. Where
/// kinds differ it is `string`, and so is a field without any value; ``conflicts`` names the
/// former. Numbers are never guessed to be timestamps, whatever the field is called, and objects
/// have no column: ``objects`` names them.
public struct SchemaInference {
  /// What the values of one field have in common.
  indirect enum Kind: Equatable {
    case none, bool, int, float, time, string, mixed, object
    case list(Kind)

    func joined(_ other: Kind) -> Kind {
      switch (self, other) {
      case (let one, let two) where one == two: one
      case (.none, let kind), (let kind, .none): kind
      case (.int, .float), (.float, .int): .float
      case (.time, .string), (.string, .time): .string
      case (.list(let one), .list(let two)): .list(one.joined(two))
      default: .mixed
      }
    }

    var type: DataType {
      switch self {
      case .bool: .bool
      case .int: .int64
      case .float: .float64
      case .time: .timestamp
      case .list(let element): .list(element.type)
      case .none, .string, .mixed, .object: .string
      }
    }

    var isMixed: Bool {
      switch self {
      case .mixed: true
      case .list(let element): element.isMixed
      default: false
      }
    }

    var holdsObject: Bool {
      switch self {
      case .object: true
      case .list(let element): element.holdsObject
      default: false
      }
    }
  }

  private var names: [String] = []
  private var kinds: [String: Kind] = [:]
  /// Records that could not be read and say nothing about the schema.
  public private(set) var badRecordCount = 0

  public init() {}

  /// The fields seen so far, in order.
  public var schema: Schema {
    Schema(
      names.compactMap { name in
        guard let kind = kinds[name], !kind.holdsObject else { return nil }
        return Field(name, kind.type)
      })
  }

  /// Fields whose values are of kinds that have no type in common.
  public var conflicts: [String] { names.filter { kinds[$0]?.isMixed == true } }

  /// Fields that hold objects and so have no column.
  public var objects: [String] { names.filter { kinds[$0]?.holdsObject == true } }

  /// Adds the JSON records of `text`, one a line.
  ///
  /// `NaN` and `Infinity` outside strings make a record unreadable here.
  public mutating func observe(jsonLines text: some Collection<UInt8>) {
    for line in text.split(separator: 0x0A) where !line.allSatisfy({ $0 <= 0x20 }) {
      do throws(JSONError) {
        guard let record = try JSONValue(parsing: Array(line)).object else {
          badRecordCount += 1
          continue
        }
        for member in record.members { join(member.key, Self.kind(member.value)) }
      } catch {
        badRecordCount += 1
      }
    }
  }

  /// Adds a row of text, such as one of CSV; an empty value is absent, and what differs is text.
  public mutating func observe(header: [String], row: [String]) {
    guard header.count == row.count else {
      badRecordCount += 1
      return
    }
    for (name, text) in zip(header, row) {
      join(name, Self.kind(text: text))
      if kinds[name] == .mixed { kinds[name] = .string }
    }
  }

  mutating func join(_ name: String, _ kind: Kind) {
    if let known = kinds[name] {
      kinds[name] = known.joined(kind)
    } else {
      names.append(name)
      kinds[name] = kind
    }
  }

  private static func kind(_ value: JSONValue) -> Kind {
    switch value {
    case .null: .none
    case .bool: .bool
    case .integer: .int
    case .number: .float
    case .string(let text): isDateTime(text) ? .time : .string
    case .array(let elements): .list(elements.reduce(.none) { $0.joined(kind($1)) })
    case .object: .object
    }
  }

  private static func kind(text: String) -> Kind {
    switch text {
    case "": return .none
    case "true", "false": return .bool
    case "NaN", "Infinity", "-Infinity", "nan", "inf", "-inf": return .float
    default: break
    }
    let isDecimal = text.utf8.allSatisfy { byte in
      byte &- 0x30 < 10 || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
    }
    if isDecimal, Int64(text) != nil { return .int }
    if isDecimal, Double(text)?.isFinite == true { return .float }
    return isDateTime(text) ? .time : .string
  }

  private static func isDateTime(_ text: String) -> Bool {
    let buffer = PaddedBuffer(text.utf8)
    return unsafe buffer.withBytes { raw in
      guard let base = raw.baseAddress else { return false }
      return unsafe TimestampText.isDateTime(
        PaddedBytes(base: base, count: raw.count), 0, raw.count)
    }
  }
}
