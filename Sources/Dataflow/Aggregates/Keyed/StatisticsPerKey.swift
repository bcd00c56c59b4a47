import Accumulators
import Columns
import Expressions

/// Statistics of a column for each value of a key column, as tables: what the mappers by key read.
/// Rows without a key are left out; of `x`, NaN and ±inf, unless the policy says otherwise.
extension AggregateFunction {
  static let meanAndVarPerKey = momentsPerKey(
    "mean_and_var_per_key", "mean and population variance by key",
    { [$0.mean, $0.variance] },
    special: { [$0.specialSum ?? $0.mean, .nan] })

  static let minAndMaxPerKey = momentsPerKey(
    "min_and_max_per_key", "the least and the greatest finite value by key",
    { [$0.minimum, $0.maximum] },
    special: { [$0.propagatedMinimum, $0.propagatedMaximum] })

  /// A key with nothing but NaN has 0 and 0, as one that never came.
  private static func momentsPerKey(
    _ name: String, _ summary: String, _ values: @escaping @Sendable (Moments) -> [Double],
    special: @escaping @Sendable (Moments) -> [Double]
  ) -> AggregateFunction {
    AggregateFunction(name, [.required("x"), .required("key"), .nan], summary) { site in
      try site.number("x")
      try site.key("key")
      let policy = try site.nanPolicy()
      return ResolvedAggregate(
        GroupedKeyed<GroupedMoments>.self, MomentsParameters(), of: site.inputs("key", "x"), .table
      ) { entries in
        var rows: [(key: [UInt8], values: [Double])] = []
        for entry in entries {
          let moments = entry.output
          if policy == .error, moments.hasSpecials { return .refused(name, moments) }
          let row =
            policy == .propagate && moments.hasSpecials
            ? special(moments) : moments.count == 0 ? [0, 0] : values(moments)
          rows.append((entry.key, row))
        }
        return AggregateReading(.table(KeyedTable(width: 2, rows)))
      }
    }
  }

  static let quantilesPerKey = AggregateFunction(
    "quantiles_per_key",
    [
      .required("x"), .required("key"), .required("num_buckets"),
      .optional("epsilon", .number(0.01)), .optional("weights", .none),
    ],
    "by key, the num_buckets − 1 inner boundaries of buckets of equal weight"
  ) { site in
    try site.number("x")
    try site.key("key")
    if !site.arguments.isNone("weights") { try site.number("weights") }
    let buckets = try site.int("num_buckets", atLeast: 1)
    return ResolvedAggregate(
      GroupedKeyed<GroupedQuantiles>.self, QuantileParameters(budget: try quantileBudget(site)),
      of: site.inputs("key", "x", "weights"), .table
    ) { quantileTable($0, buckets) }
  }

  /// The boundaries of each key that has a value.
  static func quantileTable(
    _ entries: [KeyedAccumulator<QuantilesAccumulator>.Entry], _ buckets: Int
  ) -> AggregateReading {
    let held = entries.filter { $0.output.count > 0 }
    let table = KeyedTable(
      width: buckets - 1, held.map { ($0.key, $0.output.quantiles(count: buckets)) })
    let error = held.map(\.output.errorBound).max() ?? 0
    return AggregateReading(
      .table(table), errorBound: error == 0 ? nil : "rank error ≤ \(error)")
  }
}

extension AggregateSite {
  /// Checks that the argument can be a key.
  func key(_ name: String) throws(ExpressionError) {
    let type = try type(name)
    guard type == .string || type == .int64 else {
      throw fail("'\(name)' must be a string or int, but \(arguments[name].formula) is \(type)")
    }
  }
}
