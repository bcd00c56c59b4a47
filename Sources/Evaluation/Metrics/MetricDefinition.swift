import Accumulators

/// A metric of the catalogue: a value that says which sums it needs and how they make a number.
public struct MetricDefinition: Sendable {
  public let name: String
  /// One line for `limno catalog metrics`.
  public let summary: String
  /// Besides `name`, which every metric takes.
  public let parameters: [MetricParameter]
  /// Whether labels outside `[0, 1]` make a row unusable.
  let needsUnitLabels: Bool
  /// Whether weights enter the value.
  let usesWeights: @Sendable (EvaluationCompatibility) -> Bool
  let compute: @Sendable (MetricArguments) -> MetricComputation

  init(
    _ name: String, _ summary: String, parameters: [MetricParameter] = [],
    needsUnitLabels: Bool = true,
    usesWeights: @escaping @Sendable (EvaluationCompatibility) -> Bool = { _ in true },
    compute: @escaping @Sendable (MetricArguments) -> MetricComputation
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.needsUnitLabels = needsUnitLabels
    self.usesWeights = usesWeights
    self.compute = compute
  }
}

/// A parameter of a metric.
public struct MetricParameter: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case number(ClosedRange<Double>)
    case integer(ClosedRange<Double>)
    case numbers(ClosedRange<Double>)
    case choice([String])
  }

  public let name: String
  public let kind: Kind
  /// As shown in the catalogue.
  public let defaultText: String
  /// Whether it means something only under `compat: tfma`.
  public let needsCompatibility: Bool

  init(_ name: String, _ kind: Kind, default text: String, needsCompatibility: Bool = false) {
    self.name = name
    self.kind = kind
    self.defaultText = text
    self.needsCompatibility = needsCompatibility
  }

  /// What a value must be, in words.
  var expectation: String {
    switch kind {
    case .number(let range): "a number in \(range)"
    case .integer(let range): "an integer in \(range)"
    case .numbers(let range): "a list of one or more numbers in \(range)"
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    }
  }

  func accepts(_ value: ParameterValue) -> Bool {
    switch (kind, value) {
    case (.number(let range), .number(let value)): range.contains(value)
    case (.integer(let range), .number(let value)):
      range.contains(value) && value == value.rounded()
    case (.numbers(let range), .numbers(let values)):
      !values.isEmpty && values.allSatisfy(range.contains)
    case (.choice(let names), .text(let text)): names.contains(text)
    default: false
    }
  }
}

/// The checked arguments of a request.
struct MetricArguments: Sendable {
  let values: [String: ParameterValue]
  let compatibility: EvaluationCompatibility

  func number(_ name: String, default value: Double) -> Double {
    if case .number(let given)? = values[name] { given } else { value }
  }

  func numbers(_ name: String) -> [Double]? {
    if case .numbers(let given)? = values[name] { given } else { nil }
  }

  func text(_ name: String, default value: String) -> String {
    if case .text(let given)? = values[name] { given } else { value }
  }
}

/// The sums a metric needs and the formula over them.
struct MetricComputation: Sendable {
  /// In the order in which the formula reads them.
  var sums: [SumQuantity]
  var needsScores = false
  var value: @Sendable (MetricInputs) -> BoundedValue

  init(sums: [SumQuantity], value: @escaping @Sendable (MetricInputs) -> BoundedValue) {
    self.sums = sums
    self.value = value
  }

  /// A metric over the score histogram.
  init(scores value: @escaping @Sendable (ScoreBins) -> BoundedValue) {
    sums = []
    needsScores = true
    self.value = { value($0.scores) }
  }
}

/// What a formula reads of one slice: its sums by position, without copying them.
struct MetricInputs {
  /// All sums of the slice.
  let row: [Double]
  /// Where this metric's sums stand in `row`.
  let positions: [Int]
  /// Empty unless the metric needs scores.
  let scores: ScoreBins

  subscript(index: Int) -> Double { row[positions[index]] }
}
