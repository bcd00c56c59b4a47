public import Accumulators

/// What a metric says of a slice.
public enum MetricValue: Hashable, Sendable {
  /// NaN when it is not defined, as by a zero denominator.
  case number(Double)
  case numbers([Double])
  case confusionMatrices([ConfusionMatrix])
  case classMatrices([ClassMatrix])
  /// Of some rows, in the order they were drawn.
  case sample([SampledValue])
  /// There is no value, and why.
  case error(String)

  /// The number, if it is one.
  public var number: Double? {
    if case .number(let value) = self { value } else { nil }
  }

  /// The values of a sample: as texts if one of them is a text, else as numbers.
  public var sampled: (texts: [String], numbers: [Double]) {
    guard case .sample(let values) = self else { return ([], []) }
    let texts = values.map { if case .text(let text) = $0 { text } else { "" } }
    if !texts.allSatisfy(\.isEmpty) { return (texts, []) }
    return ([], values.map { if case .number(let number) = $0 { number } else { .nan } })
  }

  /// This minus `other`, element by element; `nil` where there is no such thing.
  func minus(_ other: MetricValue) -> MetricValue? {
    switch (self, other) {
    case (.number(let one), .number(let two)): return .number(one - two)
    case (.numbers(let one), .numbers(let two)) where one.count == two.count:
      return .numbers(zip(one, two).map { $0 - $1 })
    default: return nil
    }
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

  /// This minus `other`; the bounds add up.
  func minus(_ other: BoundedValue) -> BoundedValue? {
    value.minus(other.value).map {
      BoundedValue(
        $0, bound: bound == nil && other.bound == nil ? nil : (bound ?? 0) + (other.bound ?? 0))
    }
  }
}

/// `numerator / denominator`, NaN unless the denominator is positive.
///
/// Source: TFMA `_divide_only_positive_denominator`.
func ratio(_ numerator: Double, _ denominator: Double) -> Double {
  denominator > 0 ? numerator / denominator : .nan
}
