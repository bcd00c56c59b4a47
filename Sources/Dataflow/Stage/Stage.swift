public import Accumulators
public import EventTime

/// A stage bound to the outputs of its pipeline's row program.
public struct Stage: Sendable {
  /// An accumulator and the row program outputs it reads.
  public struct BoundAccumulator: Sendable {
    public let plan: AccumulatorPlan
    public let inputs: [Int]
    /// Whether it reads the key of each grouping instead.
    public let readsKey: Bool
    /// Whether rows are added.
    public var isFed = true

    public init(plan: AccumulatorPlan, inputs: [Int], readsKey: Bool = false) {
      self.plan = plan
      self.inputs = inputs
      self.readsKey = readsKey
    }
  }

  public let name: String
  public let kind: StageKind
  public let windowing: WindowingStrategy
  /// The row program outputs that make the key of windows; empty unless they are keyed.
  public let windowKey: [Int]
  /// The row program outputs of each grouping's key; shape `[groupings][components]`.
  public let groupings: [[Int]]
  public let accumulators: [BoundAccumulator]
  /// How many keys of each grouping have cells of their own; `nil` for all.
  public let keyBudgets: [KeyBudget?]
  /// What is done with the content of a pane before it is published and the window goes on.
  public var settle: (@Sendable (PaneContent) -> PaneContent)?

  public init(
    name: String, kind: StageKind, windowing: WindowingStrategy, windowKey: [Int] = [],
    groupings: [[Int]], accumulators: [BoundAccumulator],
    keyBudgets: [KeyBudget?] = []
  ) {
    precondition(keyBudgets.isEmpty || keyBudgets.count == groupings.count, "budgets by grouping")
    self.keyBudgets = keyBudgets.isEmpty ? groupings.map { _ in nil } : keyBudgets
    self.name = name
    self.kind = kind
    self.windowing = windowing
    self.windowKey = windowKey
    self.groupings = groupings
    self.accumulators = accumulators
  }

  /// Whether its states have parts that can be outside of memory.
  public var canSpill: Bool { accumulators.contains(where: \.plan.canSpill) }
}
