public import Columns

/// Row expressions compiled against a schema, equal parts computed once.
///
/// Missing spreads: the result of a function is missing where an argument is, unless its catalogue
/// line says otherwise. Integers stay integers under `+ − * %`; a result that does not fit 64 bits
/// is missing, as is `% 0`; `/` is float division. NaN is a value, not missing.
public struct RowProgram: Sendable {
  /// One step: equal steps exist once, and come after what they read.
  enum Step: Sendable {
    case column(String)
    case constant(ConstantValue)
    /// Kernel `kernel` over the results of earlier steps.
    case call(kernel: Int, inputs: [Int])
    /// A model over the results of earlier steps; its values are those of ``output(run:place:)``.
    case run(Int)
    case output(run: Int, place: Int)
  }

  let steps: [Step]
  let kernels: [any RowKernel]
  let runs: [ModelRun]
  /// The step of each output.
  let outputs: [Int]
  /// The expressions, as given.
  public let expressions: [Expression]
  /// The type of each expression; parallel to `expressions`.
  public let outputTypes: [DataType]
  /// The columns that are read, in order of first use.
  public let inputColumns: [String]
  /// String columns that are only taken apart (`split`), or read by what takes strings without ids,
  /// so that the decoder need not intern them.
  ///
  /// A column that any other reader needs by id must not be decoded plain.
  public let plainStringColumns: Set<String>

  /// Compiles `expressions`.
  ///
  /// - Parameters:
  ///   - expressions: What to evaluate; equal parts are computed once.
  ///   - schema: The columns there are. Batches may hold them in any order, and others besides.
  ///   - constants: What `constant('name')` stands for.
  ///   - plainOutputs: The outputs whose readers take strings without ids.
  /// - Throws: ``ExpressionError`` for an unknown column, function or argument, or a type that
  ///   does not fit; its `subject` is the part at fault.
  public init(
    _ expressions: [Expression], schema: Schema, constants: [String: ConstantValue] = [:],
    plainOutputs: Set<Int> = []
  ) throws(ExpressionError) {
    var builder = ProgramBuilder(schema: schema, constants: constants)
    var outputs: [Int] = []
    var types: [DataType] = []
    for (index, expression) in expressions.enumerated() {
      let (step, type) = try builder.addOutput(
        expression, needsIdentity: !plainOutputs.contains(index))
      outputs.append(step)
      types.append(type)
    }
    self.expressions = expressions
    self.outputs = outputs
    outputTypes = types
    steps = builder.steps
    kernels = builder.kernels
    runs = builder.runs
    inputColumns = builder.inputColumns
    plainStringColumns = builder.plainStringColumns
  }

  /// A new evaluator, with its own caches; one a worker.
  public func makeEvaluator() -> RowEvaluator { RowEvaluator(self) }
}
