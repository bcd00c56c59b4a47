public import Accumulators
public import Expressions

/// What a stage is, which decides where its panes are published.
public enum StageKind: String, Hashable, Codable, Sendable, CaseIterable {
  case transform, evaluation, aggregate, transformed, drift
}

/// A windowed computation: which rows go to which cells, and what is accumulated there.
///
/// Every accumulator runs in every grouping: the states of a pane are
/// `[groupings][accumulators]`.
public struct StageDescription: Sendable {
  public var name: String
  public var kind: StageKind
  /// Key expressions a grouping; an empty list is the one cell of all rows.
  ///
  /// Keys are of type
  /// `string`, `int64`, `bool`, `float64`, or a list of these (then a row is in one cell an
  /// element, and in none when the list is empty).
  public var groupings: [[Expression]]
  public var accumulators: [AccumulatorUse]
  /// Parallel to the groupings, or empty if no grouping has a budget.
  public var keyBudgets: [KeyBudget?] = []
  /// Puts the content of a pane in the form that is published, and that the window goes on with.
  public var settle: (@Sendable (PaneContent) -> PaneContent)?

  public init(
    name: String, kind: StageKind, groupings: [[Expression]], accumulators: [AccumulatorUse]
  ) {
    self.name = name
    self.kind = kind
    self.groupings = groupings
    self.accumulators = accumulators
  }
}

/// An accumulator and the row expressions it reads.
public struct AccumulatorUse: Hashable, Sendable {
  public var plan: AccumulatorPlan
  public var inputs: [Expression]
  /// Whether it reads the key of each grouping instead, whatever its columns are.
  public var readsKey = false
  /// Whether rows are added; else the stage fills the states when it settles a pane.
  public var isFed = true

  public init(_ plan: AccumulatorPlan, of inputs: [Expression]) {
    self.plan = plan
    self.inputs = inputs
  }

  /// An accumulator over the keys of each grouping.
  public init(ofKeys plan: AccumulatorPlan) {
    self.init(plan, of: [])
    readsKey = true
  }

  /// States that rows do not reach; the stage fills them when it settles a pane.
  public static func filledBySettling(_ plan: AccumulatorPlan) -> AccumulatorUse {
    var use = AccumulatorUse(plan, of: [])
    use.isFed = false
    return use
  }
}
