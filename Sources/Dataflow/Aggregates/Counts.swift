import Accumulators
import Columns
import Expressions

extension AggregateFunction {
  static let count = AggregateFunction(
    "count", [.optional("x", .none)], "rows; with an argument, rows in which it is present"
  ) { site in
    let inputs = site.inputs("x")
    if !inputs.isEmpty { _ = try site.type("x") }
    return ResolvedAggregate(
      GroupedCounts.self, CountParameters(present: !inputs.isEmpty), of: inputs, .int64,
      column: { .int64($0.values(in: $1)) })
  }

  /// As TFT's `size`: NaN counts; of a list, its elements.
  static let size = AggregateFunction(
    "size", [.required("x")], "present values, of lists their elements"
  ) { site in
    guard case .list = try site.type("x") else {
      return ResolvedAggregate(
        GroupedCounts.self, CountParameters(present: true), of: site.inputs("x"), .int64,
        column: { .int64($0.values(in: $1)) })
    }
    return integerSum(of: .call("length", [.init(site.arguments["x"])]))
  }

  static let distinctCount = AggregateFunction(
    "distinct_count", [.required("x")], "distinct values: exact to 1,024, then estimated"
  ) { site in
    _ = try site.type("x")
    return ResolvedAggregate(
      GroupedDistinctCounts.self, DistinctCountParameters(), of: site.inputs("x"), .int64
    ) { distinct in
      AggregateReading(
        .int64(Int64(distinct.estimate.rounded())),
        errorBound: distinct.isExact
          ? nil : "relative standard error \(distinct.relativeStandardError)")
    }
  }

  /// The exact sum of integers; missing when it does not fit 64 bits.
  static func integerSum(of input: Expression) -> ResolvedAggregate {
    ResolvedAggregate(GroupedSums.self, SumParameters(columns: 1), of: [input], .int64) { sums in
      AggregateReading(Int64(exactly: sums[0]).map(AggregateValue.int64) ?? .missing)
    }
  }
}
