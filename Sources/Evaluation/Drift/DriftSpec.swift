public import Expressions

/// What is watched for drift: the block `drift` of a job file as a value.
public struct DriftSpec: Sendable {
  /// A column whose values are compared.
  public struct Feature: Hashable, Sendable {
    public var name: String
    public var expression: Expression
    public var kind: FeatureKind

    public init(_ name: String, _ expression: Expression, _ kind: FeatureKind) {
      self.name = name
      self.expression = expression
      self.kind = kind
    }
  }

  /// With what a window is compared.
  public enum Reference: Sendable {
    /// The window before. A pane then covers two windows.
    case previous(PreviousWindow)
    /// What a window of another run or time held.
    case known([FeatureDistribution])
  }

  public var features: [Feature]
  public var reference: Reference
  /// Of the panes without any drift, how many at most raise an alarm.
  public var alarmRate = 0.05
  /// The Jensen–Shannon divergence below which there is no alarm, however sure.
  public var leastDivergence = 0.0

  public init(features: [Feature], reference: Reference) {
    self.features = features
    self.reference = reference
  }
}

/// How values of a feature are compared.
public enum FeatureKind: String, Hashable, Sendable, CaseIterable {
  /// By order: each value counts by how far it is from others.
  case numeric
  /// By identity.
  case categorical
}
