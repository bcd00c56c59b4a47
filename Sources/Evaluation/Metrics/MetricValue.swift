/// What a metric says of a slice.
public enum MetricValue: Hashable, Sendable {
  /// NaN when it is not defined, as by a zero denominator.
  case number(Double)
  case numbers([Double])
  case confusionMatrices([ConfusionMatrix])

  /// The number, if it is one.
  public var number: Double? {
    if case .number(let value) = self { value } else { nil }
  }
}

/// A metric's value with its certificate.
public struct BoundedValue: Hashable, Sendable {
  public var value: MetricValue
  /// The greatest distance from the exact value; `nil` when only rounding separates them, or when
  /// no bound is known.
  public var bound: Double?

  init(_ value: MetricValue, bound: Double? = nil) {
    self.value = value
    self.bound = bound
  }

  static func number(_ value: Double) -> BoundedValue { BoundedValue(.number(value)) }
}

/// Which metric a value belongs to.
public struct MetricKey: Hashable, Sendable {
  public var name: String
  public var model: String
  public var output: String
  /// Whether example weights entered, as TFMA's `example_weighted`.
  public var isWeighted: Bool

  public init(name: String, model: String = "", output: String = "", isWeighted: Bool = false) {
    self.name = name
    self.model = model
    self.output = output
    self.isWeighted = isWeighted
  }
}

/// `numerator / denominator`, NaN unless the denominator is positive.
///
/// Source: TFMA `_divide_only_positive_denominator`.
func ratio(_ numerator: Double, _ denominator: Double) -> Double {
  denominator > 0 ? numerator / denominator : .nan
}
