public import Columns
public import Expressions

/// A frozen transform: constants and row expressions over them.
///
/// What is published as a version: ``graphJSON()`` with ``assets`` holds all of it, and reading
/// them back gives a version that transforms rows to the same bits.
public struct TransformVersion: Sendable {
  public struct Output: Hashable, Sendable {
    public var name: String
    public var type: DataType
    /// A row expression over the inputs and `constant('…')`.
    public var expression: Expression
    /// What the user wrote.
    public var source: Expression
  }

  public let name: String
  /// The columns that are read.
  public let inputs: [Field]
  public let constants: [TransformConstant]
  public let outputs: [Output]
  /// The outputs, compiled against the inputs.
  public let program: RowProgram

  init(
    name: String, inputs: [Field], constants: [TransformConstant], outputs: [Output]
  ) throws(TransformError) {
    do {
      program = try RowProgram(
        outputs.map(\.expression), schema: Schema(inputs),
        constants: Dictionary(
          constants.map { ($0.formula, $0.value) }, uniquingKeysWith: { first, _ in first }))
    } catch {
      throw TransformError(error.description)
    }
    for (output, type) in zip(outputs, program.outputTypes) where output.type != type {
      throw TransformError("is of type \(type), not \(output.type)", at: output.name)
    }
    self.name = name
    self.inputs = inputs
    self.constants = constants
    self.outputs = outputs
  }

  /// The columns of ``apply(to:)``.
  public var outputSchema: Schema { Schema(outputs.map { Field($0.name, $0.type) }) }

  /// Transforms rows; for many batches, a worker keeps one ``makeEvaluator()``.
  ///
  /// - Returns: One column an output.
  /// - Precondition: `batch` holds the inputs.
  public func apply(to batch: RecordBatch) -> [Column] { makeEvaluator().evaluate(batch) }

  /// The models that the outputs call, once each, in order of first use.
  public var models: [any RowModel] { outputs.flatMap(\.expression.models).distinct }

  /// A new evaluator of the outputs, with its own caches.
  public func makeEvaluator() -> RowEvaluator { program.makeEvaluator() }

  /// The constants that are not exact, with their bounds.
  public var approximations: [(formula: String, bound: String)] {
    constants.compactMap { constant in constant.errorBound.map { (constant.formula, $0) } }
  }
}
