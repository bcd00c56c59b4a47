import Accumulators
public import Columns
public import Dataflow
public import Expressions

/// A keyed aggregate as a stage of a pipeline: what a feature store computes.
public struct AggregationStage: Sendable {
  /// A named formula: a key's row expression, or a value's aggregate call.
  public struct Output: Hashable, Sendable {
    public var name: String
    public var formula: Expression

    public init(_ name: String, _ formula: Expression) {
      self.name = name
      self.formula = formula
    }
  }

  struct Value: Sendable {
    var name: String
    var aggregate: ResolvedAggregate
    /// Its accumulator's position in the stage.
    var accumulator: Int
  }

  public let description: StageDescription
  let keys: [String]
  let values: [Value]

  /// Lowers the aggregates of `values` over the rows of each distinct key.
  ///
  /// Without `keys` there is one row a window; types are checked by the columns of `schema`.
  /// - Throws: `ExpressionError` about a formula of `values`.
  public init(
    name: String, keys: [Output], values: [Output], schema: Schema
  ) throws(ExpressionError) {
    var uses: [AccumulatorUse] = []
    var resolved: [Value] = []
    for value in values {
      let aggregate = try AggregateFunctionCatalog.resolve(value.formula, schema: schema)
      let position = uses.firstIndex(of: aggregate.use) ?? uses.count
      if position == uses.count { uses.append(aggregate.use) }
      resolved.append(Value(name: value.name, aggregate: aggregate, accumulator: position))
    }
    self.keys = keys.map(\.name)
    self.values = resolved
    description = StageDescription(
      name: name, kind: .aggregate, groupings: [keys.map(\.formula)], accumulators: uses)
  }

  /// The rows of a pane whose states are those of ``description``.
  public func finish(_ content: PaneContent) -> AggregateRows {
    AggregateRows(stage: self, states: content.groupings[0])
  }
}
