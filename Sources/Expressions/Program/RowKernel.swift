import Columns

/// A compiled call: computes one output column from its input columns, once per batch.
///
/// A kernel is a value; a copy of a fresh one is fresh, so each evaluator has its own caches.
protocol RowKernel: Sendable {
  /// Computes `rowCount` rows.
  ///
  /// - Parameter inputs: The inputs named by ``CompiledCall``, each of `rowCount` rows; the values
  ///   of absent rows are unspecified, so nothing may trap on them.
  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column
}

/// What a row function makes of one call.
struct CompiledCall {
  /// The type of the result.
  var type: DataType
  /// Which arguments of the call the kernel reads at run time, by position.
  var inputs: [Int]
  var kernel: any RowKernel
}
