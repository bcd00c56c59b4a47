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
      }
    }
    return program.outputs.map { results[$0] }
  }

  private func constant(_ value: ConstantValue, at step: Int, _ rowCount: Int) -> Column {
    if let held = repeated[step], held.rowCount == rowCount { return held }
    let column = value.column(rowCount)
    repeated[step] = column
    return column
  }
}
