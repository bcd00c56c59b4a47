import Columns

/// The names of column types in job files.
enum FieldType {
  static let scalars: [(String, DataType)] = [
    ("int", .int64), ("float", .float64), ("float32", .float32), ("bool", .bool),
    ("string", .string),
  ]

  static var names: [String] {
    scalars.map(\.0) + TimestampUnit.allCases.map(\.rawValue) + scalars.map { "list<\($0.0)>" }
  }

  static func field(
    named name: String, _ node: ConfigurationNode
  ) throws(ConfigurationError) -> Field {
    let text = try node.string()
    if let type = scalars.first(where: { $0.0 == text })?.1 { return Field(name, type) }
    if let unit = TimestampUnit(rawValue: text) {
      return Field(name, .timestamp, timestampUnit: unit)
    }
    if text.hasPrefix("list<"), text.hasSuffix(">"),
      let type = scalars.first(where: { $0.0 == text.dropFirst(5).dropLast() })?.1
    {
      return Field(name, .list(type))
    }
    throw node.error(
      "unknown type '\(text)'\(suggestion(for: text, among: names)) "
        + "(allowed: \(names.joined(separator: ", ")))")
  }

  /// The name of a field's type as a job file would write it.
  static func name(of field: Field) -> String {
    switch field.type {
    case .timestamp: field.timestampUnit.rawValue
    case .list(let element): "list<\(name(of: Field("", element)))>"
    default: scalars.first { $0.1 == field.type }?.0 ?? field.type.description
    }
  }
}
