import Accumulators
import Columns
import Expressions

/// Statistics of a numeric column, or of the elements of a column of lists; of those of one column
/// all read one accumulator. What NaN and ±inf do, the policy says; by default they are left out.
/// Without a value they are missing, except the counts.
extension AggregateFunction {
  static let mean = MomentStatistic(
    name: "mean", summary: "the mean of the finite values, within 1 ulp",
    value: { $0.mean }, special: { $0.specialSum }
  ).function

  static let variance = MomentStatistic(
    name: "var", summary: "their population variance, within 1 ulp",
    value: { $0.variance }, special: { $0.hasSpecials ? .nan : nil }
  ).function

  /// Of integers and timestamps an integer, beyond 2^53 rounded to the nearest double.
  static let minimum = MomentStatistic(
    name: "min", summary: "the least finite value", isExtreme: true,
    value: { $0.minimum }, special: { $0.hasSpecials ? $0.propagatedMinimum : nil }
  ).function

  static let maximum = MomentStatistic(
    name: "max", summary: "the greatest finite value", isExtreme: true,
    value: { $0.maximum }, special: { $0.hasSpecials ? $0.propagatedMaximum : nil }
  ).function

  static let nanCount = counted("nan_count", "values that are NaN") { $0.nanCount }

  static let zeroCount = counted("zero_count", "values that are 0") { $0.zeroCount }

  static let missingCount = AggregateFunction(
    "missing_count", [.required("x")], "rows in which x is missing"
  ) { site in
    guard try site.type("x").isNumeric else {
      return integerSum(
        of: .call("int", [.init(.call("is_missing", [.init(site.arguments["x"])]))]))
    }
    return ResolvedAggregate(
      GroupedMoments.self, MomentsParameters(), of: site.inputs("x"), .int64
    ) { AggregateReading(.int64($0.missingCount)) }
  }

  private static func counted(
    _ name: String, _ summary: String, _ read: @escaping @Sendable (Moments) -> Int64
  ) -> AggregateFunction {
    AggregateFunction(name, [.required("x")], summary) { site in
      try site.numbers("x")
      return try site.moments(.int64) { AggregateReading(.int64(read($0))) }
    }
  }
}

/// A statistic that is read from moments.
private struct MomentStatistic: Sendable {
  let name: String
  let summary: String
  /// Whether it is a value of the column, and so of its type.
  var isExtreme = false
  /// Of the finite values, of which there is one.
  let value: @Sendable (Moments) -> Double
  /// What NaN and ±inf make of it under `propagate`; `nil` without any.
  let special: @Sendable (Moments) -> Double?

  var function: AggregateFunction {
    AggregateFunction(name, [.required("x"), .reduceInstanceDims, .nan], summary) { site in
      let type = try site.numbers("x", allowsTime: isExtreme)
      let policy = try site.nanPolicy()
      if try site.isElementwise() {
        return site.momentsByPlace { read($0, policy) }
      }
      let isIntegral = isExtreme && [.int64, .bool, .timestamp].contains(type)
      return try site.moments(isIntegral ? .int64 : .float64) { moments in
        let reading = read(moments, policy)
        guard isIntegral, case .float64(let value) = reading.value else { return reading }
        // 2^63 itself is no Int64, but may be what Int64.max was rounded to.
        return AggregateReading(.int64(Int64(exactly: value) ?? (value < 0 ? .min : .max)))
      }
    }
  }

  private func read(_ moments: Moments, _ policy: NaNPolicy) -> AggregateReading {
    switch policy {
    case .skip: break
    case .propagate:
      if let special = special(moments) { return AggregateReading(.float64(special)) }
    case .error: if moments.hasSpecials { return .refused(name, moments) }
    }
    return AggregateReading(moments.count == 0 ? .missing : .float64(value(moments)))
  }
}

extension AggregateSite {
  /// Whether the statistic is wanted for each place of the lists; they must be lists then.
  func isElementwise() throws(ExpressionError) -> Bool {
    switch arguments["reduce_instance_dims"] {
    case .bool(true): return false
    case .bool(false):
      guard try type("x").isListOfNumbers else {
        throw fail("place by place, 'x' must be a list of numbers")
      }
      return true
    case let other: throw fail("'reduce_instance_dims' must be true or false, not \(other.formula)")
    }
  }

  /// A reading of the moments of `x`.
  func moments(
    _ result: AggregateResultType, _ read: @escaping @Sendable (Moments) -> AggregateReading
  ) throws(ExpressionError) -> ResolvedAggregate {
    try numeric(GroupedMoments.self, MomentsParameters(), of: inputs("x"), result, read)
  }

  /// Readings of the moments of each place of the lists `x`, as a list.
  func momentsByPlace(
    _ read: @escaping @Sendable (Moments) -> AggregateReading
  ) -> ResolvedAggregate {
    ResolvedAggregate(
      GroupedElements<GroupedKeyed<GroupedMoments>>.self,
      ElementsParameters(MomentsParameters(), hasPlaces: true), of: inputs("x"), .floats
    ) { entries in
      var values: [Double] = []
      for entry in entries {
        let place = Int(String(decoding: entry.key, as: UTF8.self)) ?? 0
        if place >= values.count {
          values.append(contentsOf: repeatElement(.nan, count: place + 1 - values.count))
        }
        let reading = read(entry.output)
        if reading.fault != nil { return reading }
        if case .float64(let value) = reading.value { values[place] = value }
      }
      return AggregateReading(values.isEmpty ? .missing : .floats(values))
    }
  }

  /// A reading of an accumulator over `inputs`, over their elements where the first is a list.
  func numeric<State: GroupedAccumulator>(
    _: State.Type, _ parameters: State.Parameters, of inputs: [Expression],
    _ result: AggregateResultType,
    _ read: @escaping @Sendable (State.Single.Output) -> AggregateReading
  ) throws(ExpressionError) -> ResolvedAggregate {
    if case .list = try type("x") {
      return ResolvedAggregate(
        GroupedElements<State>.self, ElementsParameters(parameters), of: inputs, result,
        read: read)
    }
    return ResolvedAggregate(State.self, parameters, of: inputs, result, read: read)
  }
}
