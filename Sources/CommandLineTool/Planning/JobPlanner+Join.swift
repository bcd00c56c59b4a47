import Columns
import Dataflow
import Expressions
import FileIO

/// The inputs of a label join, and what formulas call their columns.
struct JoinedInputs {
  let labels: JobInput
  let request: JoinRequest
  let scope: FormulaScope
  /// Columns of labels whose type was guessed from the data, as formulas call them.
  let inferred: [Field]
}

extension JobPlanner {
  /// Binds the join to the columns of `predictions` and of its other input.
  ///
  /// A column is called by its own name if only one input has it, or if it is part of the key;
  /// `predictions.NAME` and `labels.NAME` are always understood.
  func join(
    _ join: JobConfiguration.Join, predictions: Schema
  ) throws -> JoinedInputs {
    let labels = try JobInput(join.labels.input)
    let (schema, inferred) = try columns(
      labels, given: join.labels.schema, inferred: labels.inferredFields())
    let key = (
      try join.predictions.keyColumns(predictions), try join.labels.keyColumns(schema)
    )
    for (index, (one, other)) in zip(key.0, key.1).enumerated() where one.type != other.type {
      throw join.labels.key[index].error(
        "'\(one.name)' is of type \(FieldType.name(of: one)) in predictions, '\(other.name)' of "
          + "\(FieldType.name(of: other)) in labels; say the same type in both schemas")
    }
    var names = JoinedNames(
      predictions, schema,
      key: Set(
        zip(key.0, key.1).filter {
          $0.name == $1.name
        }.map(\.0.name)))
    let request = JoinRequest(
      predictions: try input(join.predictions, predictions, names.predictions, key.0),
      labels: try input(join.labels, schema, names.labels, key.1), labelWait: join.labelWait,
      memoryLimit: join.memoryLimit)
    names.definitions = names.definitions.filter { $0.value != .column($0.key) }
    let scope = FormulaScope(
      schema: Schema(request.inputs.flatMap(\.namedFields)), names: names,
      openModel: Self.openNoModel)
    let found = inferred.map { field in
      var field = field
      field.name = names.labels[field.name] ?? field.name
      return field
    }
    return JoinedInputs(labels: labels, request: request, scope: scope, inferred: found)
  }

  private static func openNoModel(_: ModelRequest) throws(ModelFailure) -> any RowModel {
    throw ModelFailure("not supported behind a join; score predictions where they are written")
  }

  private func input(
    _ side: JobConfiguration.InputBlock, _ schema: Schema, _ names: [String: String], _ key: [Field]
  ) throws -> JoinRequest.Input {
    var filter: Expression?
    if let node = side.filter {
      let (expression, type) = try FormulaScope(
        schema: schema, openModel: Self.openNoModel
      ).rowExpression(node)
      guard type == .bool else { throw node.error("expected a condition, found type \(type)") }
      filter = expression
    }
    guard let time = side.eventTime else { throw side.node.error("no event time is given") }
    return JoinRequest.Input(
      schema: schema, names: names, eventTime: try policy(time, schema),
      key: key.map(\.name), filter: filter)
  }
}

extension JobConfiguration.InputBlock {
  /// The columns of the key.
  fileprivate func keyColumns(_ schema: Schema) throws(ConfigurationError) -> [Field] {
    try key.mapOrThrow({ node throws(ConfigurationError) in
      let name = try node.string()
      guard let field = schema.field(named: name) else {
        let names = schema.fields.map(\.name)
        throw node.error(
          "unknown column '\(name)' of \(self.node.path)\(suggestion(for: name, among: names))")
      }
      switch field.type {
      case .int64, .string, .bool: return field
      default:
        throw node.error(
          "'\(name)' is of type \(FieldType.name(of: field)); a key is an int, a string or a bool")
      }
    })
  }
}

/// What the columns of two inputs are called where both are known.
struct JoinedNames {
  /// By the own name of each column.
  private(set) var predictions: [String: String] = [:]
  private(set) var labels: [String: String] = [:]
  /// What else a column may be called.
  var definitions: [String: Expression] = [:]
  /// Names of two columns.
  private(set) var ambiguous: Set<String> = []
  /// The columns of labels, as formulas call them.
  private(set) var ofLabels: Set<String> = []

  /// `key` names the columns of the key that are called the same in both.
  init(_ predictions: Schema, _ labels: Schema, key: Set<String>) {
    for field in predictions.fields {
      let isShared = labels.position(of: field.name) != nil && !key.contains(field.name)
      let name = isShared ? "predictions.\(field.name)" : field.name
      self.predictions[field.name] = name
      definitions["predictions.\(field.name)"] = .column(name)
      if isShared { ambiguous.insert(field.name) }
    }
    for field in labels.fields {
      let isShared = predictions.position(of: field.name) != nil
      let name = isShared ? "labels.\(field.name)" : field.name
      self.labels[field.name] = name
      // The key is the same in both.
      let isKey = key.contains(field.name)
      definitions["labels.\(field.name)"] = .column(isKey ? field.name : name)
      if !isKey { ofLabels.insert(name) }
    }
  }
}
