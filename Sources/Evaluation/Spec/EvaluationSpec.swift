public import Expressions

/// One output of one model under evaluation.
public struct ModelOutput: Hashable, Sendable {
  /// What a prediction is.
  public enum Shape: Hashable, Sendable {
    /// One number.
    case scalar
    /// A list with a score for each class.
    case classes
    /// A text, or a list of texts.
    case text
    /// The boxes that were found in an image, end to end: left, top, right, bottom, class and score;
    /// the label is those that are there, without scores.
    case boxes
    /// The class of each pixel of an image, as in the label.
    case masks
  }

  /// Empty for the only model of a job.
  public var name: String
  /// Empty for the only output of a model.
  public var output: String
  public var prediction: Expression
  public var shape: Shape
  /// Instead of the label and weight of the whole evaluation.
  public var label: Expression?
  public var weight: Expression?

  public init(
    name: String = "", output: String = "", prediction: Expression, shape: Shape = .scalar
  ) {
    self.name = name
    self.output = output
    self.prediction = prediction
    self.shape = shape
  }
}

/// Whose definitions hold where ours differ.
public enum EvaluationCompatibility: String, Hashable, Sendable {
  /// 1,000 logit-spaced score bins; `example_count` counts rows.
  case native
  /// TFMA 0.52: 10,000 uniform score bins and its thresholds; `example_count` sums weights.
  case tfma
}

/// How confidence intervals come from twenty samples of the rows.
public enum IntervalMethod: String, Hashable, Sendable, CaseIterable {
  /// Each row counts in each sample as often as a Poisson draw of mean 1 says.
  case bootstrap
  /// Each row is missing from one sample.
  case jackknife
}

/// What an evaluation computes: the block `evaluate` of a job file as a value.
public struct EvaluationSpec: Hashable, Sendable {
  public var label: Expression
  public var models: [ModelOutput]
  /// `nil` weighs every row 1.
  public var weight: Expression?
  public var slices: [SlicingSpec]
  public var metrics: [MetricRequest]
  public var thresholds: [MetricThreshold]
  public var plots: [PlotRequest]
  public var compatibility: EvaluationCompatibility
  /// The name of the model that the others are compared with.
  public var baseline: String?
  /// How many classes predictions have, where a metric must know; 0 if that is not said.
  public var classCount = 0
  public var crossSlices: [CrossSlicingSpec] = []
  /// What each feature is said to contribute to the prediction, for the attribution metrics.
  public var attributions: [Attribution] = []
  /// Slices of fewer rows than this are named, and nothing else is said of them.
  public var minSliceSize = 0
  /// Up to how many rows of a slice its areas and operating points are those of the scores
  /// themselves, natively; beyond, those of the score histogram.
  public var exactRows = 1000
  public var intervals: IntervalMethod?
  /// How many slices of each set of features are told apart, `nil` for all; the rest is one slice,
  /// `__other__`.
  public var sliceBudget: Int?
  /// Behind a label join: whether a row has its label; each prediction comes without one first.
  public var labelled: Expression?

  public init(
    label: Expression, models: [ModelOutput], weight: Expression? = nil,
    slices: [SlicingSpec] = [.overall], metrics: [MetricRequest],
    thresholds: [MetricThreshold] = [], plots: [PlotRequest] = [],
    compatibility: EvaluationCompatibility = .native
  ) {
    self.label = label
    self.models = models
    self.weight = weight
    self.slices = slices
    self.metrics = metrics
    self.thresholds = thresholds
    self.plots = plots
    self.compatibility = compatibility
  }

  /// A feature and the number that says how much of a prediction is due to it.
  public struct Attribution: Hashable, Sendable {
    public var feature: String
    public var value: Expression

    public init(_ feature: String, _ value: Expression) {
      self.feature = feature
      self.value = value
    }
  }

  var baselineModel: ModelOutput? { baseline.flatMap { name in models.first { $0.name == name } } }
}
