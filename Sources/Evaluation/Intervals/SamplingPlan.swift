import Dataflow
import Expressions

/// Samples of the rows, for confidence intervals, as one more key of every cell.
///
/// The last component of a key is the sample: 0 is all rows, 1…20 are the samples. Under the
/// bootstrap a row stands in a sample as often as it was drawn; under the jackknife rows are counted
/// once, by the part they are in, and a pane's samples are put together from all parts but one.
struct SamplingPlan: Sendable {
  let method: IntervalMethod

  static let count = 20
  /// The name of the key; no column of a job may have it.
  static let feature = "__sample"

  /// What the key is in each row.
  var expression: Expression {
    let row = Expression.column(RowIdentity.columnName)
    let function = method == .bootstrap ? "bootstrap_samples" : "jackknife_part"
    return .of(function, row, .integer(Int64(Self.count)))
  }

  /// The cells with the samples that they were not counted in.
  func completed(_ cells: GroupedStates) -> GroupedStates {
    guard method == .jackknife else { return cells }
    return cells.rolledUp { key in
      let rest = key.dropLast()
      return (0...Int64(Self.count)).filter { .int64($0) != key.last }.map { rest + [.int64($0)] }
    }
  }

  /// The interval around `value` that `samples` of it tell, if all are numbers.
  ///
  /// Source: TFMA `poisson_bootstrap.py`, `jackknife.py`: Student's t of 19 degrees of freedom, about
  /// the mean of the samples; ours is about the value.
  func interval(
    _ value: Double, _ samples: [Double], _ compatibility: EvaluationCompatibility
  ) -> ClosedRange<Double>? {
    guard samples.count == Self.count, value.isFinite, samples.allSatisfy(\.isFinite) else {
      return nil
    }
    let count = Double(Self.count)
    let mean = samples.reduce(0, +) / count
    let squares = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / (count - 1)).squareRoot()
    // The jackknife's pseudo-values spread 19 times as far as its samples.
    let error = method == .bootstrap ? deviation : deviation * (count - 1) / count.squareRoot()
    let center = compatibility == .tfma ? mean : value
    let reach = 2.093024054408263 * error
    return center - reach...center + reach
  }
}
