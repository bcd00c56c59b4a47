/// A metric of the catalogue: a value that says which sums it needs and how they make a number.
public struct MetricDefinition: Sendable {
  public let name: String
  /// One line for `limno catalog metrics`.
  public let summary: String
  /// Besides `name`, which every metric takes.
  public let parameters: [MetricParameter]
  let task: MetricTask
  /// Whether weights enter the value.
  let usesWeights: @Sendable (EvaluationCompatibility) -> Bool
  /// One computation, or several for a family.
  let compute: @Sendable (MetricArguments) -> [MetricComputation]

  init(
    _ name: String, _ summary: String, task: MetricTask = .binary,
    parameters: [MetricParameter] = [],
    usesWeights: @escaping @Sendable (EvaluationCompatibility) -> Bool = { _ in true },
    compute: @escaping @Sendable (MetricArguments) -> MetricComputation
  ) {
    self.init(
      name, summary, task: task, family: { [compute($0)] }, parameters: parameters,
      usesWeights: usesWeights)
  }

  /// A family: one request that gives several values.
  init(
    _ name: String, _ summary: String, task: MetricTask,
    family: @escaping @Sendable (MetricArguments) -> [MetricComputation],
    parameters: [MetricParameter] = [],
    usesWeights: @escaping @Sendable (EvaluationCompatibility) -> Bool = { _ in true }
  ) {
    self.name = name
    self.summary = summary
    self.task = task
    self.parameters = parameters
    self.usesWeights = usesWeights
    compute = family
  }
}

/// A parameter of a metric.
public struct MetricParameter: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case number(ClosedRange<Double>)
    case integer(ClosedRange<Double>)
    case numbers(ClosedRange<Double>)
    case choice([String])
    case text
  }

  public let name: String
  public let kind: Kind
  /// As shown in the catalogue.
  public let defaultText: String
  /// Whether it means something only under `compat: tfma`.
  public let needsCompatibility: Bool
  /// Whether it must be given.
  public let isRequired: Bool

  init(
    _ name: String, _ kind: Kind, default text: String, needsCompatibility: Bool = false,
    isRequired: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.defaultText = text
    self.needsCompatibility = needsCompatibility
    self.isRequired = isRequired
  }

  /// What a value must be, in words.
  var expectation: String {
    switch kind {
    case .number(let range): "a number in \(range)"
    case .integer(let range): "an integer in \(range)"
    case .numbers(let range): "a list of one or more numbers in \(range)"
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    case .text: "a text"
    }
  }

  func accepts(_ value: ParameterValue) -> Bool {
    switch (kind, value) {
    case (.number(let range), .number(let value)): range.contains(value)
    case (.integer(let range), .number(let value)):
      range.contains(value) && value == value.rounded()
    case (.numbers(let range), .numbers(let values)):
      !values.isEmpty && values.allSatisfy(range.contains)
    case (.numbers(let range), .number(let value)): range.contains(value)
    case (.text, .text(let text)): !text.isEmpty
    case (.choice(let names), .text(let text)): names.contains(text)
    default: false
    }
  }
}

/// The checked arguments of a request.
struct MetricArguments: Sendable {
  let values: [String: ParameterValue]
  let compatibility: EvaluationCompatibility
  /// How many classes there are, where that is known.
  var classCount = 0
  /// The features that predictions are attributed to.
  var attributed: [String] = []

  func number(_ name: String, default value: Double) -> Double {
    if case .number(let given)? = values[name] { given } else { value }
  }

  func numbers(_ name: String) -> [Double]? {
    switch values[name] {
    case .numbers(let given)?: given
    case .number(let given)?: [given]
    default: nil
    }
  }

  func text(_ name: String, default value: String) -> String {
    if case .text(let given)? = values[name] { given } else { value }
  }
}
