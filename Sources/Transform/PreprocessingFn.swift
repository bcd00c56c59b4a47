public import Expressions

/// The user's description: named outputs, each a formula over the input columns.
///
/// Formulas may call row functions, mappers (``MapperCatalog``) and analyzers
/// (``AnalyzerCatalog``).
public struct PreprocessingFn: Sendable {
  public struct Output: Sendable {
    public var name: String
    public var expression: Expression
    /// The text it was read from, to place errors in; `nil` when built in Swift.
    var formula: Formula?

    public init(_ name: String, _ expression: Expression) {
      self.name = name
      self.expression = expression
    }

    init(_ name: String, _ formula: Formula) {
      self.name = name
      expression = formula.expression
      self.formula = formula
    }
  }

  /// In the order of the output columns; names are unique and not empty.
  public let outputs: [Output]

  /// - Throws: ``TransformError`` when there is no output, or a name is empty or repeated.
  public init(outputs: [Output]) throws(TransformError) {
    if outputs.isEmpty { throw TransformError("a transform needs an output") }
    var names: Set<String> = []
    for output in outputs {
      if output.name.isEmpty { throw TransformError("an output needs a name") }
      guard names.insert(output.name).inserted else {
        throw TransformError("there are two outputs of this name", at: output.name)
      }
    }
    self.outputs = outputs
  }

  /// Reads `name: formula` pairs, as they stand in a job file.
  ///
  /// - Throws: ``TransformError`` with the output and the column of its formula.
  public init(
    formulas: [(name: String, formula: String)]
  ) throws(TransformError) {
    var outputs: [Output] = []
    for (name, text) in formulas {
      do {
        outputs.append(Output(name, try Formula(text)))
      } catch {
        throw TransformError(error, at: name)
      }
    }
    try self.init(outputs: outputs)
  }
}
