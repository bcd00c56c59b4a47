import Columns
public import Expressions
import Formats

extension TransformVersion {
  /// Reads a version back from what ``graphJSON()`` and ``assets`` gave.
  ///
  /// - Parameters:
  ///   - graphJSON: The graph.
  ///   - assets: The vocabularies, by name.
  ///   - openModel: Opens the models that formulas call.
  /// - Throws: ``TransformError`` naming the member, file or model that is not as it should be; types of
  ///   outputs are checked against their formulas, and models against their digests.
  public init(
    graphJSON: [UInt8], assets: [String: [UInt8]],
    openModel: @escaping ModelOpener = TransformVersion.openNoModel
  ) throws(TransformError) {
    let root: JSONValue
    do {
      root = try JSONValue(parsing: graphJSON)
    } catch {
      throw TransformError(error.description, at: "graph.json")
    }
    let reader = GraphReader(assets: assets, openModel: openModel)
    guard try reader.string(root, "format", "graph.json") == "limnograph.transform_graph",
      root["format_version"]?.integer == 1
    else {
      throw TransformError("not a transform graph of format 1", at: "graph.json")
    }
    var inputs: [Field] = []
    for (index, value) in try reader.array(root, "inputs").enumerated() {
      inputs.append(try reader.field(value, "inputs[\(index)]"))
    }
    var constants: [TransformConstant] = []
    for (index, value) in try reader.array(root, "constants").enumerated() {
      constants.append(try reader.constant(value, "constants[\(index)]"))
    }
    for value in try reader.array(root, "approximations") {
      let formula = try reader.string(value, "constant", "approximations")
      guard let index = constants.firstIndex(where: { $0.formula == formula }) else {
        throw TransformError("there is no constant '\(formula)'", at: "approximations")
      }
      constants[index].errorBound = try reader.string(value, "bound", "approximations")
    }
    var outputs: [Output] = []
    for (index, value) in try reader.array(root, "outputs").enumerated() {
      outputs.append(try reader.output(value, "outputs[\(index)]"))
    }
    try self.init(
      name: try reader.string(root, "name", "graph.json"), inputs: inputs, constants: constants,
      outputs: outputs)
    try reader.check(models.map(\.reference), root)
  }

  /// For versions that call no models.
  public static func openNoModel(_ request: ModelRequest) throws(ModelFailure) -> any RowModel {
    throw ModelFailure("nothing that runs models was given")
  }
}

/// Reads the members of `graph.json`, checking each.
private struct GraphReader {
  let assets: [String: [UInt8]]
  let openModel: ModelOpener

  func array(_ value: JSONValue, _ key: String) throws(TransformError) -> [JSONValue] {
    guard let array = value[key]?.array else { throw missing("a list '\(key)'", "graph.json") }
    return array
  }

  func string(
    _ value: JSONValue, _ key: String, _ place: String
  ) throws(TransformError) -> String {
    guard let text = value[key]?.string else { throw missing("a text '\(key)'", place) }
    return text
  }

  func field(_ value: JSONValue, _ place: String) throws(TransformError) -> Field {
    var field = Field(try string(value, "name", place), try type(value, place))
    if field.type == .timestamp {
      let text = try string(value, "written_as", place)
      guard let unit = TimestampUnit(rawValue: text) else {
        throw TransformError("'\(text)' is no way to write a timestamp", at: place)
      }
      field.timestampUnit = unit
    }
    return field
  }

  func output(
    _ value: JSONValue, _ place: String
  ) throws(TransformError) -> TransformVersion.Output {
    .init(
      name: try string(value, "name", place), type: try type(value, place),
      expression: try expression(value, "formula", place),
      source: try expression(value, "source", place))
  }

  func constant(_ value: JSONValue, _ place: String) throws(TransformError) -> TransformConstant {
    let formula = try string(value, "formula", place)
    switch try string(value, "type", place) {
    case "int":
      guard let integer = value["value"]?.integer else { throw missing("an int 'value'", place) }
      return TransformConstant(formula: formula, value: .int64(integer))
    case "float":
      guard let number = value["value"]?.number else { throw missing("a float 'value'", place) }
      return TransformConstant(formula: formula, value: .float64(number))
    case "list<float>":
      guard let values = value["value"]?.array else { throw missing("a list 'value'", place) }
      let numbers = values.compactMap(\.number)
      guard numbers.count == values.count else { throw missing("a list of floats", place) }
      return TransformConstant(formula: formula, value: .floats(numbers))
    case "vocabulary": return try vocabulary(value, formula, place)
    case "table": return TransformConstant(formula: formula, value: try table(value, place))
    case let other: throw TransformError("'\(other)' is no type of a constant", at: place)
    }
  }

  private func table(
    _ value: JSONValue, _ place: String
  ) throws(TransformError) -> ConstantValue {
    guard let width = value["width"]?.integer, width >= 0 else {
      throw missing("an int 'width'", place)
    }
    var keys = TokenList()
    var numbers: [Double] = []
    for (index, row) in try array(value, "rows").enumerated() {
      let place = "\(place).rows[\(index)]"
      if let key = row["key"]?.string {
        keys.append(key.utf8)
      } else if let bytes = HexText.bytes(try string(row, "hex", place)) {
        keys.append(bytes)
      } else {
        throw missing("a 'key', or hexadecimal digits as 'hex'", place)
      }
      let values = try array(row, "values").compactMap(\.number)
      guard values.count == Int(width) else { throw missing("\(width) numbers", place) }
      numbers += values
    }
    return .table(KeyedTable(keys: keys, width: Int(width), values: numbers))
  }

  private func vocabulary(
    _ value: JSONValue, _ formula: String, _ place: String
  ) throws(TransformError) -> TransformConstant {
    var asset = VocabularyAsset(
      name: try string(value, "asset", place),
      storesFrequency: value["store_frequency"]?.bool ?? false)
    if let text = value["file_format"]?.string {
      guard let format = VocabularyAsset.Format(rawValue: text) else {
        throw TransformError("'\(text)' is no format of vocabularies", at: place)
      }
      asset.format = format
    }
    guard let bytes = assets[asset.fileName] else {
      throw TransformError("there is no asset '\(asset.fileName)'", at: place)
    }
    let (tokens, frequencies) = try VocabularyFile.read(bytes, asset)
    guard value["size"]?.integer == Int64(tokens.count) else {
      throw TransformError(
        "asset '\(asset.name)' has \(tokens.count) tokens, which is not the 'size'", at: place)
    }
    return TransformConstant(
      formula: formula, value: .tokens(tokens), asset: asset, frequencies: frequencies)
  }

  private func expression(
    _ value: JSONValue, _ key: String, _ place: String
  ) throws(TransformError) -> Expression {
    let text = try string(value, key, place)
    do {
      return try Expression(formula: text).bindingModels(openModel)
    } catch {
      throw TransformError("\(key): \(error)", at: place)
    }
  }

  /// That the models are those that the version was made with.
  func check(_ models: [ModelReference], _ root: JSONValue) throws(TransformError) {
    for member in root["models"]?.array ?? [] {
      let path = try string(member, "path", "models")
      let digest = try string(member, "sha256", "models")
      for model in models where model.path == path && model.digest != digest {
        throw TransformError(
          "has changed since the version was made: its SHA-256 is \(model.digest), not \(digest)",
          at: path)
      }
    }
  }

  private func type(_ value: JSONValue, _ place: String) throws(TransformError) -> DataType {
    let text = try string(value, "type", place)
    guard let type = Self.type(of: text[...]) else {
      throw TransformError("'\(text)' is no type", at: place)
    }
    return type
  }

  /// The inverse of `DataType.description`.
  private static func type(of text: Substring) -> DataType? {
    let scalars: [DataType] = [.bool, .int64, .float32, .float64, .timestamp, .string]
    if let scalar = scalars.first(where: { $0.description == text }) { return scalar }
    guard text.hasPrefix("list<"), text.hasSuffix(">") else { return nil }
    let element = text.dropFirst(5).dropLast()
    // One level: a list of lists is no type of a column.
    return scalars.first { $0.description == element }.map { .list($0) }
  }

  private func missing(_ what: String, _ place: String) -> TransformError {
    TransformError("expected \(what)", at: place)
  }
}
