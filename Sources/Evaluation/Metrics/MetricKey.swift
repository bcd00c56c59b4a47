/// Which part of a prediction of several classes a metric is about.
public enum SubKey: Hashable, Sendable {
  /// One class against the rest.
  case classID(Int)
  /// The class of the k-th greatest score.
  case k(Int)
  /// The classes of the k greatest scores, all others predicted negative.
  case topK(Int)

  /// As TFMA's `SubKey` calls it.
  var name: String {
    switch self {
    case .classID: "class_id"
    case .k: "k"
    case .topK: "top_k"
    }
  }

  public var number: Int {
    switch self {
    case .classID(let number), .k(let number), .topK(let number): number
    }
  }
}

/// How the values of several classes become one.
public enum AggregationType: String, Hashable, Sendable, CaseIterable {
  /// All classes of all rows taken together.
  case micro = "micro_average"
  /// The mean of the classes' values.
  case macro = "macro_average"
  /// The mean of the classes' values, weighted by how often each is the label.
  case weightedMacro = "weighted_macro_average"
}

/// Which metric a value belongs to.
public struct MetricKey: Hashable, Sendable {
  public var name: String
  public var model: String
  public var output: String
  public var subKey: SubKey?
  public var aggregation: AggregationType?
  /// Whether example weights entered, as TFMA's `example_weighted`.
  public var isWeighted: Bool
  /// Whether the value compares a model with the baseline.
  public var isDiff: Bool

  public init(
    name: String, model: String = "", output: String = "", subKey: SubKey? = nil,
    aggregation: AggregationType? = nil, isWeighted: Bool = false, isDiff: Bool = false
  ) {
    self.name = name
    self.model = model
    self.output = output
    self.subKey = subKey
    self.aggregation = aggregation
    self.isWeighted = isWeighted
    self.isDiff = isDiff
  }
}
