import Accumulators
import Columns
import Expressions

/// Quantiles of a numeric column. NaN, missing, and rows whose weight is not positive are left
/// out; ±inf are values. Exact while the distinct values fit the sketch's budget; the published
/// error is the exact rank error of what was returned.
extension AggregateFunction {
  /// As TFT's `quantiles`.
  ///
  /// `epsilon` sets the sketch's budget, at least 8 / epsilon distinct values; it is an aim, the
  /// bound that is reported is what was reached.
  static let quantiles = AggregateFunction(
    "quantiles",
    [
      .required("x"), .required("num_buckets"), .optional("epsilon", .number(0.01)),
      .optional("weights", .none), .reduceInstanceDims,
    ],
    "the num_buckets − 1 inner boundaries of buckets of equal weight"
  ) { site in
    try site.numbers("x")
    if !site.arguments.isNone("weights") { try site.number("weights") }
    let buckets = try site.int("num_buckets", atLeast: 1)
    let parameters = QuantileParameters(budget: try quantileBudget(site))
    if try site.isElementwise() {
      return ResolvedAggregate(
        GroupedElements<GroupedKeyed<GroupedQuantiles>>.self,
        ElementsParameters(parameters, hasPlaces: true), of: site.inputs("x", "weights"), .table
      ) { quantileTable($0, buckets) }
    }
    return try site.numeric(
      GroupedQuantiles.self, parameters, of: site.inputs("x", "weights"), .floats
    ) { sketch in
      guard sketch.count > 0 else { return AggregateReading(.missing) }
      return AggregateReading(
        .floats(sketch.quantiles(count: buckets)), errorBound: bound(sketch))
    }
  }

  static let quantile = AggregateFunction(
    "quantile",
    [
      .required("x"), .required("q"), .optional("epsilon", .number(0.01)),
      .optional("weights", .none),
    ],
    "the value at rank q, in 0…1"
  ) { site in
    try site.number("x")
    if !site.arguments.isNone("weights") { try site.number("weights") }
    let rank = try site.double("q")
    guard rank >= 0, rank <= 1 else { throw site.fail("'q' must be in 0…1, not \(rank)") }
    let parameters = QuantileParameters(budget: try quantileBudget(site))
    return ResolvedAggregate(
      GroupedQuantiles.self, parameters, of: site.inputs("x", "weights"), .float64
    ) { sketch in
      guard sketch.count > 0 else { return AggregateReading(.missing) }
      let (value, rankError) = sketch.quantile(rank: rank)
      return AggregateReading(
        .float64(value), errorBound: sketch.isExact ? nil : "rank error ≤ \(rankError)")
    }
  }

  private static func bound(_ sketch: QuantileSketch) -> String? {
    sketch.isExact ? nil : "rank error ≤ \(sketch.errorBound)"
  }

  /// A power of two from 8,192 to 2^20, so that nearby epsilons share a sketch.
  static func quantileBudget(_ site: AggregateSite) throws(ExpressionError) -> Int {
    let epsilon = try site.double("epsilon")
    guard epsilon > 0, epsilon <= 1 else {
      throw site.fail("'epsilon' must be above 0 and at most 1, not \(epsilon)")
    }
    var budget = max(8_192, site.quantileBudget)
    while Double(budget) * epsilon < 8, budget < 1 << 20 { budget *= 2 }
    return budget
  }
}
