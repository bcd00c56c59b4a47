import Columns
import Expressions
import Formats

extension TransformVersion {
  private static let format = "limnograph.transform_graph"
  private static let formatVersion: Int64 = 1

  /// `graph.json`: canonical, readable bytes; equal versions give equal bytes.
  ///
  /// | member | content |
  /// |---|---|
  /// | `format`, `format_version`, `name` | what it is |
  /// | `inputs` | `name`, `type`, and of timestamps how they are written |
  /// | `constants` | `formula` of the analyzer; `type` and `value`, or for a vocabulary `asset`, `size`, `store_frequency`, for a table `width` and `rows` of `key` and `values` |
  /// | `outputs` | `name`, `type`, `formula` over inputs and constants, `source` as the user wrote it |
  /// | `models` | only if there are any: `function`, `path`, `signature`, `sha256` of what it was |
  /// | `approximations` | `constant`, `bound` |
  public func graphJSON() -> [UInt8] {
    var writer = JSONWriter(style: .indented)
    writer.beginObject()
    writer.key("format")
    writer.value(Self.format)
    writer.key("format_version")
    writer.value(Self.formatVersion)
    writer.key("name")
    writer.value(name)
    writer.key("inputs")
    writer.beginArray()
    for input in inputs { Self.write(input, to: &writer) }
    writer.endArray()
    writer.key("constants")
    writer.beginArray()
    for constant in constants { Self.write(constant, to: &writer) }
    writer.endArray()
    writer.key("outputs")
    writer.beginArray()
    for output in outputs { Self.write(output, to: &writer) }
    writer.endArray()
    if !models.isEmpty {
      writer.key("models")
      writer.beginArray()
      for model in models { Self.write(model.reference, to: &writer) }
      writer.endArray()
    }
    writer.key("approximations")
    writer.beginArray()
    for (formula, bound) in approximations {
      writer.members([("constant", formula), ("bound", bound)])
    }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  /// The files of `assets/` by name, in the order of the constants.
  public var assets: [(name: String, bytes: [UInt8])] {
    constants.compactMap { constant in
      guard let asset = constant.asset, case .tokens(let tokens) = constant.value else {
        return nil
      }
      return (asset.fileName, VocabularyFile.bytes(tokens, constant.frequencies, asset.format))
    }
  }

  private static func write(_ field: Field, to writer: inout JSONWriter) {
    var members = [("name", field.name), ("type", field.type.description)]
    if field.type == .timestamp { members.append(("written_as", field.timestampUnit.rawValue)) }
    writer.members(members)
  }

  private static func write(_ model: ModelReference, to writer: inout JSONWriter) {
    var members = [("function", model.function.rawValue), ("path", model.path)]
    if let signature = model.signature { members.append(("signature", signature)) }
    writer.members(members + [("sha256", model.digest)])
  }

  private static func write(_ output: Output, to writer: inout JSONWriter) {
    writer.members([
      ("name", output.name), ("type", output.type.description),
      ("formula", output.expression.formula), ("source", output.source.formula),
    ])
  }

  /// A key that is not UTF-8 is written as `hex`.
  private static func write(_ table: KeyedTable, to writer: inout JSONWriter) {
    writer.value("table")
    writer.key("width")
    writer.value(table.width)
    writer.key("rows")
    writer.beginArray()
    for index in 0..<table.keys.count {
      writer.beginObject()
      if let text = String(validating: table.keys[index], as: UTF8.self) {
        writer.key("key")
        writer.value(text)
      } else {
        writer.key("hex")
        writer.value(HexText.text(table.keys[index]))
      }
      writer.key("values")
      writer.value(Array(table[index]))
      writer.endObject()
    }
    writer.endArray()
  }

  private static func write(_ constant: TransformConstant, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("formula")
    writer.value(constant.formula)
    writer.key("type")
    switch constant.value {
    case .int64(let value):
      writer.value("int")
      writer.key("value")
      writer.value(value)
    case .float64(let value):
      writer.value("float")
      writer.key("value")
      writer.value(value)
    case .floats(let values):
      writer.value("list<float>")
      writer.key("value")
      writer.value(values)
    case .tokens(let tokens):
      writer.value("vocabulary")
      writer.key("asset")
      writer.value(constant.asset?.name ?? "")
      writer.key("size")
      writer.value(tokens.count)
      writer.key("store_frequency")
      writer.value(constant.asset?.storesFrequency ?? false)
      if let format = constant.asset?.format, format != .text {
        writer.key("file_format")
        writer.value(format.rawValue)
      }
    case .table(let table): write(table, to: &writer)
    case .none, .bool, .string, .list:
      preconditionFailure("\(constant.value) is no value of an analyzer")
    }
    writer.endObject()
  }
}

extension JSONWriter {
  /// An object of strings.
  fileprivate mutating func members(_ members: [(String, String)]) {
    beginObject()
    for (name, value) in members {
      key(name)
      self.value(value)
    }
    endObject()
  }
}
