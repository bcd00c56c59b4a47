import Accumulators
import Columns
import Expressions

/// Statistics of the finite values of a column; missing, NaN and ±inf are left out of them. Those
/// of one column share one accumulator. Without a finite value they are missing, except the
/// counts.
extension AggregateFunction {
  static let mean = moment("mean", "the mean of the finite values, within 1 ulp") { $0.mean }

  static let variance = moment("var", "their population variance, within 1 ulp") { $0.variance }

  static let minimum = extreme("min", "the least finite value") { $0.minimum }

  static let maximum = extreme("max", "the greatest finite value") { $0.maximum }

  static let nanCount = counted("nan_count", "values that are NaN") { $0.nanCount }

  static let zeroCount = counted("zero_count", "values that are 0") { $0.zeroCount }

  static let missingCount = AggregateFunction(
    "missing_count", [.required("x")], "rows in which x is missing"
  ) { site in
    guard try site.type("x").isNumeric else {
      return integerSum(
        of: .call("int", [.init(.call("is_missing", [.init(site.arguments["x"])]))]))
    }
    return moments(site, .int64) { AggregateReading(.int64($0.missingCount)) }
  }

  /// Unlike TFT's, NaN is left out; ±inf is not.
  ///
  /// Of integers, an integer, missing when it does not fit 64 bits.
  static let sum = AggregateFunction(
    "sum", [.required("x")], "the exact sum, rounded once; 0 of nothing"
  ) { site in
    let type = try site.number("x")
    if type == .int64 || type == .bool { return integerSum(of: site.arguments["x"]) }
    return ResolvedAggregate(
      GroupedSums.self, SumParameters(columns: 1), of: site.inputs("x"), .float64,
      column: { .float64($0.values(ofColumn: 0, in: $1)) })
  }

  private static func moment(
    _ name: String, _ summary: String, _ read: @escaping @Sendable (Moments) -> Double
  ) -> AggregateFunction {
    AggregateFunction(name, [.required("x")], summary) { site in
      try site.number("x")
      return moments(site, .float64) { moments in
        AggregateReading(moments.count == 0 ? .missing : .float64(read(moments)))
      }
    }
  }

  private static func counted(
    _ name: String, _ summary: String, _ read: @escaping @Sendable (Moments) -> Int64
  ) -> AggregateFunction {
    AggregateFunction(name, [.required("x")], summary) { site in
      try site.number("x")
      return moments(site, .int64) { AggregateReading(.int64(read($0))) }
    }
  }

  /// Of integers and timestamps an integer, beyond 2^53 rounded to the nearest double.
  private static func extreme(
    _ name: String, _ summary: String, _ read: @escaping @Sendable (Moments) -> Double
  ) -> AggregateFunction {
    AggregateFunction(name, [.required("x")], summary) { site in
      let type = try site.number("x", allowsTime: true)
      let isIntegral = type == .int64 || type == .bool || type == .timestamp
      return moments(site, isIntegral ? .int64 : .float64) { moments in
        guard moments.count > 0 else { return AggregateReading(.missing) }
        let value = read(moments)
        guard isIntegral else { return AggregateReading(.float64(value)) }
        return AggregateReading(.int64(Int64(exactly: value) ?? (value < 0 ? .min : .max)))
      }
    }
  }

  private static func moments(
    _ site: AggregateSite, _ type: AggregateResultType,
    _ read: @escaping @Sendable (Moments) -> AggregateReading
  ) -> ResolvedAggregate {
    ResolvedAggregate(
      GroupedMoments.self, MomentsParameters(), of: site.inputs("x"), type, read: read)
  }
}
