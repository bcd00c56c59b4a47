public import Expressions

/// One model under evaluation.
public struct ModelOutput: Hashable, Sendable {
  /// Empty for the only model of a job.
  public var name: String
  public var prediction: Expression

  public init(name: String = "", prediction: Expression) {
    self.name = name
    self.prediction = prediction
  }
}

/// A metric asked for, with its parameters; the parameter `name` renames it in the snapshot.
public struct MetricRequest: Hashable, Sendable {
  public var name: String
  public var parameters: [String: ParameterValue]

  public init(_ name: String, _ parameters: [String: ParameterValue] = [:]) {
    self.name = name
    self.parameters = parameters
  }
}

/// Whose definitions hold where ours differ.
public enum EvaluationCompatibility: String, Hashable, Sendable {
  /// 1,000 logit-spaced score bins; `example_count` counts rows.
  case native
  /// TFMA 0.52: 10,000 uniform score bins and its thresholds; `example_count` sums weights.
  case tfma
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
  public var plots: [PlotKind]
  public var compatibility: EvaluationCompatibility

  public init(
    label: Expression, models: [ModelOutput], weight: Expression? = nil,
    slices: [SlicingSpec] = [.overall], metrics: [MetricRequest],
    thresholds: [MetricThreshold] = [], plots: [PlotKind] = [],
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
}
