public import Columns
public import EventTime
public import Expressions

/// A job bound to its input: what is decoded, computed per row, and collected per window.
public struct Pipeline: Sendable {
  /// What the job says about time.
  public struct EventTimePolicy: Sendable {
    /// The column of event times, of type `timestamp`; `nil` when no window depends on time: then
    /// every row is at the epoch.
    public var column: String?
    public var maxOutOfOrderness: Interval
    /// Takes the place of the bound `maxOutOfOrderness`, if there is one.
    public var estimator: (any WatermarkEstimator)?
    /// When a split no longer holds the watermark.
    public var idleness: IdlenessPolicy
    /// How far a row may be ahead of the clock.
    public var futureSkew: FutureSkewGuard
    /// How far a split may run ahead of the others.
    public var alignment = SplitAlignment(maxDrift: nil)
    /// How long all splits must be idle for the open windows to be closed; `nil` for ever.
    public var closeAfterIdle: Interval?
    /// Whether late rows go to the sink, with their bytes, or are only counted.
    public var keepsLateRows = false

    /// The watermark of a split after rows up to `latest`.
    public func watermark(after latest: Timestamp) -> Timestamp {
      estimator?.watermark(after: latest)
        ?? BoundedOutOfOrderness(bound: maxOutOfOrderness).watermark(after: latest)
    }

    public init(
      column: String?, maxOutOfOrderness: Interval, idleAfter: Interval? = nil,
      maxFutureSkew: Interval? = nil
    ) {
      self.column = column
      self.maxOutOfOrderness = maxOutOfOrderness
      idleness = IdlenessPolicy(idleAfter: idleAfter)
      futureSkew = FutureSkewGuard(limit: maxFutureSkew)
    }
  }

  /// A stage as asked for, with its windows.
  public struct StageRequest: Sendable {
    public var description: StageDescription
    public var windowing: WindowingStrategy
    /// The key of its windows; for sessions only.
    public var windowKey: [Expression]

    public init(
      _ description: StageDescription, windowing: WindowingStrategy, windowKey: [Expression] = []
    ) {
      self.description = description
      self.windowing = windowing
      self.windowKey = windowKey
    }
  }

  public let eventTime: EventTimePolicy
  /// The decoded columns, in the order of the source's schema.
  public let inputSchema: Schema
  /// Whether batches must hold ``RowIdentity``.
  public let needsRowIdentity: Bool
  public let program: RowProgram
  /// The program output that says which rows are kept, or `nil` for all.
  public let filter: Int?
  public let stages: [Stage]

  /// Compiles the row expressions of all stages into one program.
  ///
  /// Of the columns of `schema`, all those of the input, only the ones used will be decoded.
  /// - Throws: `ExpressionError` about an expression that does not fit the columns.
  public init(
    schema: Schema, eventTime: EventTimePolicy, filter: Expression?, stages: [StageRequest]
  ) throws(ExpressionError) {
    var outputs = OutputTable()
    self.filter = filter.map { outputs.index(of: $0) }
    self.stages = stages.map { request in
      Stage(
        name: request.description.name, kind: request.description.kind,
        windowing: request.windowing, windowKey: request.windowKey.map { outputs.index(of: $0) },
        groupings: request.description.groupings.map { $0.map { outputs.index(of: $0) } },
        accumulators: request.description.accumulators.map { use in
          Stage.BoundAccumulator(
            plan: use.plan, inputs: use.inputs.map { outputs.index(of: $0) })
        }, keyBudgets: request.description.keyBudgets)
    }
    program = try RowProgram(
      outputs.expressions,
      schema: Schema(schema.fields + [Field(RowIdentity.columnName, .int64)]))
    needsRowIdentity = program.inputColumns.contains(RowIdentity.columnName)
    self.eventTime = eventTime
    let used = Set(program.inputColumns).union(eventTime.column.map { [$0] } ?? [])
    let plain = Set(program.plainStringColumns)
    inputSchema = Schema(
      schema.fields.filter { used.contains($0.name) }.map { field in
        var field = field
        if plain.contains(field.name) { field.encoding = .plain }
        return field
      })
  }
}

/// Distinct expressions in order of first use.
private struct OutputTable {
  private(set) var expressions: [Expression] = []
  private var indices: [Expression: Int] = [:]

  mutating func index(of expression: Expression) -> Int {
    if let index = indices[expression] { return index }
    indices[expression] = expressions.count
    expressions.append(expression)
    return expressions.count - 1
  }
}
