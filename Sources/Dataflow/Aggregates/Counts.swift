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
    "size", [.required("x"), .reduceInstanceDims], "present values, of lists their elements"
  ) { site in
    let type = try site.type("x")
    if type.isListOfNumbers, try site.isElementwise() {
      return site.momentsByPlace { AggregateReading(.float64(Double($0.rowCount))) }
    }
    guard case .list = type else {
      return ResolvedAggregate(
        GroupedCounts.self, CountParameters(present: true), of: site.inputs("x"), .int64,
        column: { .int64($0.values(in: $1)) })
    }
    return try site.numeric(
      GroupedCounts.self, CountParameters(present: true), of: site.inputs("x"), .int64
    ) { AggregateReading(.int64($0)) }
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
}
