import Columns
import Dataflow
import Expressions
import FileIO
import Formats
import Snapshots
import Transform

/// What decides the states of a stage: the part of a job file that says it.
///
/// A job file in JSON without `job`, `source` and windows: `schema` of the columns that are read,
/// `derive`, `filter`, and the block of the stage without its name. It stands in `state.bin`, so that
/// states can be merged without the job file, and states of different plans are not.
struct StatePlan: Hashable {
  let text: [UInt8]

  /// What `limno` calls the blocks of stages that can keep their states.
  static let blocks: [StageKind: String] = [
    .transform: "transform", .evaluation: "evaluate", .aggregate: "aggregate",
  ]
  /// Keys of a block that decide nothing of what is accumulated.
  private static let exempt = ["name", "windows", "apply", "phases"]

  init(text: [UInt8]) { self.text = text }

  /// The plan of `stage`, which reads `columns`.
  init(
    _ stage: StageConfiguration, _ kind: StageKind, of configuration: JobConfiguration,
    columns: [Field]
  ) throws {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("schema")
    writer.beginObject()
    for field in columns.sorted(by: { $0.name < $1.name }) {
      writer.member(field.name, FieldType.name(of: field))
    }
    writer.endObject()
    if !configuration.derived.isEmpty {
      writer.key("derive")
      writer.beginObject()
      for (name, formula) in configuration.derived {
        writer.key(name)
        try formula.write(to: &writer)
      }
      writer.endObject()
    }
    if let filter = configuration.filter {
      writer.key("filter")
      try filter.write(to: &writer)
    }
    writer.key(Self.blocks[kind] ?? kind.rawValue)
    writer.beginObject()
    for (key, value) in try stage.node.entries().pairs.sorted(by: { $0.key.text < $1.key.text })
    where !Self.exempt.contains(key.text) {
      writer.key(key.text)
      try Self.write(value, of: key.text, to: &writer)
    }
    if case .transform(_, let options) = stage.body, options.phases != .exact {
      writer.member("phases", options.phases.rawValue)
    }
    writer.endObject()
    writer.endObject()
    text = writer.bytes
  }

  /// A value; a file that it names is put in, for the plan stands on its own.
  private static func write(
    _ value: ConfigurationNode, of key: String, to writer: inout JSONWriter
  ) throws {
    guard key == "eval_config", !value.isMapping else { return try value.write(to: &writer) }
    let bytes = try FileSystem.contents(of: try value.string())
    writer.beginObject()
    writer.member("text", String(decoding: bytes, as: UTF8.self))
    writer.endObject()
  }
}

extension StatePlan {
  /// In words, what is not as in `other`; `nil` if all is.
  func difference(from other: StatePlan) -> String? {
    guard text != other.text else { return nil }
    guard let one = try? JSONValue(parsing: text), let two = try? JSONValue(parsing: other.text)
    else { return "the plan" }
    let differences = Self.members(one, two).flatMap { key in
      let inner = Self.members(one[key], two[key])
      return inner.isEmpty ? [key] : inner.map { "\(key).\($0)" }
    }
    return differences.isEmpty ? "the order of keys" : differences.joined(separator: ", ")
  }

  /// The members of two objects that are not equal, in order.
  private static func members(_ one: JSONValue?, _ two: JSONValue?) -> [String] {
    let names = Set([one, two].flatMap { $0?.object?.members.map(\.key) ?? [] })
    return names.sorted().filter { one?[$0] != two?[$0] }
  }
}

extension ConfigurationNode {
  /// Appends the node as JSON, with environment variables replaced; all scalars as strings, which
  /// job files take for any scalar.
  func write(to writer: inout JSONWriter) throws(ConfigurationError) {
    if isMapping {
      writer.beginObject()
      for (key, value) in try entries().pairs {
        writer.key(key.text)
        try value.write(to: &writer)
      }
      writer.endObject()
    } else if isSequence {
      writer.beginArray()
      for item in try list() { try item.write(to: &writer) }
      writer.endArray()
    } else {
      writer.value(try string())
    }
  }
}
