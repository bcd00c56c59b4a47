public import Columns

/// Evaluates a ``RowProgram`` batch by batch; belongs to one worker.
///
/// String results carry ids of dictionaries that live as long as the evaluator, so an id means
/// the same string in every batch.
public final class RowEvaluator {
  public let program: RowProgram
  private var kernels: [any RowKernel]
  /// Constants repeated for the last batch's row count, by step.
  private var repeated: [Column?]
  private var failures: [RowFailure] = []

  init(_ program: RowProgram) {
    self.program = program
    kernels = program.kernels
    repeated = [Column?](repeating: nil, count: program.steps.count)
  }

  /// The value of each expression for every row; columns of `batch` are passed on uncopied.
  ///
  /// - Precondition: `batch` holds the program's input columns, of the types compiled for.
  public func evaluate(_ batch: RecordBatch) -> [Column] {
    var results: [Column] = []
    results.reserveCapacity(program.steps.count)
    var runs = [[Column]](repeating: [], count: program.runs.count)
    for (index, step) in program.steps.enumerated() {
      switch step {
      case .column(let name):
        guard let column = batch.column(name) else {
          preconditionFailure("the batch has no column '\(name)'")
        }
        results.append(column)
      case .constant(let value): results.append(constant(value, at: index, batch.rowCount))
      case .call(let kernel, let inputs):
        let columns = inputs.map { results[$0] }
        results.append(kernels[kernel].evaluate(columns, rowCount: batch.rowCount))
      case .run(let index):
        let run = program.runs[index]
        let (columns, failed) = run.evaluate(
          run.inputs.map { results[$0] }, rowCount: batch.rowCount)
        runs[index] = columns
        failures += failed
        // Nothing reads it.
        results.append(.bool(BoolColumn([])))
      case .output(let run, let place): results.append(runs[run][place])
      }
    }
    return program.outputs.map { results[$0] }
  }

  /// The rows of the batches since the last call on which a model failed, ascending, each once; their
  /// values are missing.
  ///
  /// Only programs that call models have any.
  public func takeFailures() -> [RowFailure] {
    guard !failures.isEmpty else { return [] }
    defer { failures = [] }
    var known: Set<Int> = []
    return failures.filter { known.insert($0.row).inserted }.sorted { $0.row < $1.row }
  }

  private func constant(_ value: ConstantValue, at step: Int, _ rowCount: Int) -> Column {
    if let held = repeated[step], held.rowCount == rowCount { return held }
    let column = value.column(rowCount, reusing: repeated[step].take())
    repeated[step] = column
    return column
  }
}
