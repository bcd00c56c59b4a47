import Accumulators
import Expressions

/// What NaN and ±inf do to a statistic.
public enum NaNPolicy: String, Hashable, Sendable, CaseIterable {
  /// They are left out.
  case skip
  /// They decide the result, as in IEEE arithmetic.
  case propagate
  /// One of them makes the result an error.
  case error
}

extension FunctionSignature.Parameter {
  /// The policy of one statistic; `None` is that of the whole transform, else `skip`.
  static let nan = keyword("nan", .none)
  /// Whether list columns are taken as one, not place by place.
  static let reduceInstanceDims = optional("reduce_instance_dims", .bool(true))
}

extension AggregateSite {
  func nanPolicy() throws(ExpressionError) -> NaNPolicy {
    if arguments.isNone("nan") { return .skip }
    if case .string(let text) = arguments["nan"], let policy = NaNPolicy(rawValue: text) {
      return policy
    }
    throw fail("'nan' must be 'skip', 'propagate' or 'error', not \(arguments["nan"].formula)")
  }
}

extension AggregateReading {
  /// A statistic that NaN or ±inf have made impossible.
  static func refused(_ name: String, _ moments: Moments) -> AggregateReading {
    var reading = AggregateReading(.missing)
    reading.fault =
      "\(name): \(moments.nanCount) values are NaN and "
      + "\(moments.positiveInfinityCount + moments.negativeInfinityCount) are infinite"
    return reading
  }
}

extension Moments {
  var hasSpecials: Bool { nanCount + positiveInfinityCount + negativeInfinityCount > 0 }

  /// What sums and means become of NaN and ±inf, or `nil` without any.
  var specialSum: Double? {
    if nanCount > 0 || (positiveInfinityCount > 0 && negativeInfinityCount > 0) { return .nan }
    if positiveInfinityCount > 0 { return .infinity }
    return negativeInfinityCount > 0 ? -.infinity : nil
  }

  /// The least value with NaN and ±inf among the values.
  var propagatedMinimum: Double {
    if nanCount > 0 { return .nan }
    if negativeInfinityCount > 0 { return -.infinity }
    return count > 0 ? minimum : .infinity
  }

  var propagatedMaximum: Double {
    if nanCount > 0 { return .nan }
    if positiveInfinityCount > 0 { return .infinity }
    return count > 0 ? maximum : -.infinity
  }
}
