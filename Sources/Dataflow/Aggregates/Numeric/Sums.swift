import Accumulators
import Columns
import Expressions

extension AggregateFunction {
  /// Unlike TFT's, by default NaN is left out; ±inf is not.
  ///
  /// Of integers, an integer, missing when it does not fit 64 bits.
  static let sum = AggregateFunction(
    "sum", [.required("x"), .reduceInstanceDims, .nan], "the exact sum, rounded once; 0 of nothing"
  ) { site in
    let type = try site.numbers("x")
    let policy = try site.nanPolicy()
    if try site.isElementwise() {
      return site.momentsByPlace { total($0, policy) }
    }
    if [.int64, .bool].contains(type) {
      return try site.numeric(
        GroupedSums.self, SumParameters(columns: 1), of: site.inputs("x"), .int64
      ) { integer($0) }
    }
    if policy != .skip { return try site.moments(.float64) { total($0, policy) } }
    if try site.type("x").isListOfNumbers {
      return try site.numeric(
        GroupedSums.self, SumParameters(columns: 1), of: site.inputs("x"), .float64
      ) { AggregateReading(.float64($0[0])) }
    }
    return ResolvedAggregate(
      GroupedSums.self, SumParameters(columns: 1), of: site.inputs("x"), .float64,
      column: { .float64($0.values(ofColumn: 0, in: $1)) })
  }

  /// The exact sum of integers; missing when it does not fit 64 bits.
  static func integerSum(of input: Expression) -> ResolvedAggregate {
    ResolvedAggregate(GroupedSums.self, SumParameters(columns: 1), of: [input], .int64) {
      integer($0)
    }
  }

  private static func integer(_ sums: [Double]) -> AggregateReading {
    AggregateReading(Int64(exactly: sums[0]).map(AggregateValue.int64) ?? .missing)
  }

  private static func total(_ moments: Moments, _ policy: NaNPolicy) -> AggregateReading {
    if policy == .error, moments.hasSpecials { return .refused("sum", moments) }
    if policy == .propagate, let special = moments.specialSum {
      return AggregateReading(.float64(special))
    }
    return AggregateReading(.float64(moments.sum))
  }
}
