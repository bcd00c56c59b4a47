public import Columns
import Dataflow
import Expressions

/// Analyzes batches in memory, without windows: a transform version from a data set at hand.
///
/// Gives the version that a job over one global window publishes, bit for bit, in whatever order
/// the batches come.
public struct LocalAnalysis {
  private let stage: TransformStage
  private var run: CellRun

  /// Prepares the analyzers of `fn`.
  ///
  /// - Parameters:
  ///   - fn: What to compute.
  ///   - schema: The columns of the batches.
  ///   - name: The name of the version.
  ///   - options: What the formulas leave open.
  /// - Throws: ``TransformError`` for a function that does not fit `schema`.
  public init(
    _ fn: PreprocessingFn, schema: Schema, name: String = "",
    options: TransformOptions = TransformOptions()
  ) throws(TransformError) {
    stage = try TransformStage.lower(fn, schema: schema, name: name, options: options)
    do {
      run = try CellRun(stage.description.accumulators, schema: schema)
    } catch {
      throw TransformError(error.description)
    }
  }

  /// Takes every row of `batch` into account.
  ///
  /// - Precondition: `batch` holds the columns of the schema that the analyzers read.
  public mutating func add(_ batch: RecordBatch) { run.add(batch) }

  /// The version over all batches added; without a row, TFT's constants of nothing.
  ///
  /// - Throws: ``TransformError`` when a constant does not suit a row function, such as NaN
  ///   boundaries, or a policy makes it an error.
  public consuming func finish() throws(TransformError) -> TransformVersion {
    try stage.freeze(PaneContent(groupings: [run.finish()]))
  }
}
