import Columns
import Expressions

/// The columns that formulas may name: those of the input and those that `derive` defines.
struct FormulaScope {
  let schema: Schema
  private(set) var definitions: [String: Expression] = [:]

  init(schema: Schema) { self.schema = schema }

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
    let formula = try node.formula()
    let expression = formula.expression.substituting(definitions)
    do {
      return (expression, try RowProgram([expression], schema: schema).outputTypes[0])
    } catch {
      throw node.error(in: formula, error)
    }
  }

  /// The formula at `node` with derived columns put in; types are checked by whoever uses it.
  func formula(_ node: ConfigurationNode) throws(ConfigurationError) -> (Formula, Expression) {
    let formula = try node.formula()
    return (formula, formula.expression.substituting(definitions))
  }
}
