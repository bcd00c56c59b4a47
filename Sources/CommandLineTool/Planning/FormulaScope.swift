import Columns
import Expressions

/// The columns that formulas may name: those of the input and those that `derive` defines.
struct FormulaScope {
  let schema: Schema
  private(set) var definitions: [String: Expression] = [:]
  private let openModel: ModelOpener

  /// Names of two columns of a join.
  private var ambiguous: Set<String> = []
  /// Columns of a join that are not known before the label is.
  private(set) var labelColumns: Set<String> = []

  /// - Parameters:
  ///   - schema: The columns of the input.
  ///   - openModel: Opens the models that formulas call.
  init(schema: Schema, openModel: @escaping ModelOpener) {
    self.schema = schema
    self.openModel = openModel
  }

  /// The columns of joined rows.
  init(schema: Schema, names: JoinedNames, openModel: @escaping ModelOpener) {
    self.init(schema: schema, openModel: openModel)
    definitions = names.definitions
    ambiguous = names.ambiguous
    labelColumns = names.ofLabels
  }

  /// Adds a derived column; it may use those before it.
  mutating func derive(_ name: String, _ node: ConfigurationNode) throws(ConfigurationError) {
    guard schema.position(of: name) == nil else {
      throw node.error(
        "the input has a column '\(name)' already; give the derived one another name")
    }
    definitions[name] = try rowExpression(node).expression
  }

  /// The row expression that stands at `node`, with its type.
  func rowExpression(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> (expression: Expression, type: DataType) {
    let (formula, expression) = try self.formula(node)
    do {
      return (expression, try RowProgram([expression], schema: schema).outputTypes[0])
    } catch {
      throw node.error(in: formula, error)
    }
  }

  /// The formula at `node` with derived columns and models put in; types are checked by whoever uses it.
  func formula(_ node: ConfigurationNode) throws(ConfigurationError) -> (Formula, Expression) {
    let formula = try node.formula()
    if let name = formula.expression.columns.sorted().first(where: ambiguous.contains) {
      throw node.error(
        "'\(name)' is a column of predictions and of labels: write predictions.\(name) or "
          + "labels.\(name)")
    }
    do {
      let bound = try formula.expression.bindingModels(openModel)
      return (formula, bound.substituting(definitions))
    } catch {
      throw node.error(in: formula, error)
    }
  }
}

extension Expression {
  /// The columns named.
  var columns: Set<String> {
    switch self {
    case .column(let name): [name]
    case .number, .integer, .string, .bool, .model: []
    case .list(let elements): elements.reduce(into: []) { $0.formUnion($1.columns) }
    case .call(_, let arguments): arguments.reduce(into: []) { $0.formUnion($1.value.columns) }
    }
  }
}
