/// What a metric can be once all labels have come.
public struct LabelBounds: Hashable, Sendable {
  /// `nil` if that is not known; `EvaluationSnapshot.approximations` says why.
  public var range: ClosedRange<Double>?
}

/// A metric of one slice.
public struct MetricResult: Hashable, Sendable {
  public var key: MetricKey
  public var value: MetricValue
  /// The greatest distance from the exact value, where the value is not exact.
  public var bound: Double?
  /// Where the value lies with 95 % confidence, if that was asked for and is known.
  public var interval: ClosedRange<Double>?
  /// What the samples say, where slices are compared; else empty.
  var samples: [Double] = []
  /// Behind a label join: where the value can be once all labels have come.
  public var labelBounds: LabelBounds?
  /// Rows the value rests on.
  public var examples: Int64
  /// The sum of their weights.
  public var weight: Double

  public init(
    key: MetricKey, value: MetricValue, bound: Double? = nil, examples: Int64, weight: Double
  ) {
    self.key = key
    self.value = value
    self.bound = bound
    self.examples = examples
    self.weight = weight
  }
}

/// What was found in one slice.
public struct SliceResult: Hashable, Sendable {
  public var key: SliceKey
  /// The slice that this one is compared with: its metrics are those of the baseline minus those of
  /// this slice.
  public var baseline: SliceKey?
  /// Rows that are usable for the first model.
  public var examples: Int64
  /// The sum of their weights.
  public var weight: Double
  /// Model by model, each in the order of the job; `unusable_example_count` last, where not 0.
  public var metrics: [MetricResult]
  public var plots: [Plot]
  /// Of the slice of all keys beyond a budget, those of the most rows.
  public var members: [SliceMember] = []

  public init(
    key: SliceKey, baseline: SliceKey? = nil, examples: Int64, weight: Double,
    metrics: [MetricResult], plots: [Plot] = []
  ) {
    self.key = key
    self.baseline = baseline
    self.examples = examples
    self.weight = weight
    self.metrics = metrics
    self.plots = plots
  }

  /// The first metric called `name` of `model`, or `nil`.
  public func metric(_ name: String, model: String = "") -> MetricResult? {
    metrics.first { $0.key.name == name && $0.key.model == model }
  }

  /// The metric of `key`, or `nil`.
  public func metric(_ key: MetricKey) -> MetricResult? { metrics.first { $0.key == key } }
}

/// The content of one pane of an evaluation.
public struct EvaluationSnapshot: Hashable, Sendable {
  /// Spec by spec in the order of the job, keys in canonical order, each slice once.
  public var slices: [SliceResult]
  public var validation: ValidationResult
  /// Rows of the window that no metric of a model took, summed over the models.
  public var unusableCount: Int64
  /// Which metrics are not exact, and why.
  public var approximations: [String]

  public init(
    slices: [SliceResult], validation: ValidationResult, unusableCount: Int64 = 0,
    approximations: [String] = []
  ) {
    self.slices = slices
    self.validation = validation
    self.unusableCount = unusableCount
    self.approximations = approximations
  }
}
