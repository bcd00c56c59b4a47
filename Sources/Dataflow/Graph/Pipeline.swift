import Accumulators
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
    /// The column of times that the source has reached, by which watermarks are judged in place of
    /// the event times; of type `timestamp`, a row without one moves nothing.
    public var watermarkColumn: String?
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

    /// The watermark of a split after rows up to `latest`, by what the source says if it does.
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
  /// How two inputs are made one; `nil` for a job of one input.
  public let join: JoinPlan?

  /// What rows of `side` say about time; a job of one input has but the first.
  public func eventTime(of side: JoinSide) -> EventTimePolicy {
    join?.input(side).eventTime ?? eventTime
  }
  /// What windows hold before the first row; at most one of each stage and window.
  public var start: [StartingState] = []

  /// Compiles the row expressions of all stages into one program.
  ///
  /// Of the columns of `schema`, all those of the input, only the ones used will be decoded. With a
  /// `join` they are those of joined rows, and `eventTime` is that of predictions.
  /// - Throws: `ExpressionError` about an expression that does not fit the columns.
  public init(
    schema: Schema, eventTime: EventTimePolicy, filter: Expression?, stages: [StageRequest],
    join: JoinRequest? = nil
  ) throws(ExpressionError) {
    var outputs = OutputTable()
    self.filter = filter.map { outputs.index(of: $0) }
    self.stages = stages.map { request in
      var stage = Stage(
        name: request.description.name, kind: request.description.kind,
        windowing: request.windowing, windowKey: request.windowKey.map { outputs.index(of: $0) },
        groupings: request.description.groupings.map { $0.map { outputs.index(of: $0) } },
        accumulators: request.description.accumulators.map { use in
          var bound = Stage.BoundAccumulator(
            plan: use.plan,
            inputs: use.inputs.map { outputs.index(of: $0, isPlain: use.plan.takesPlainStrings) },
            readsKey: use.readsKey)
          bound.isFed = use.isFed
          return bound
        }, keyBudgets: request.description.keyBudgets)
      stage.settle = request.description.settle
      return stage
    }
    program = try RowProgram(
      outputs.expressions,
      schema: Schema(
        schema.fields + [Field(RowIdentity.columnName, .int64)]
          + (join == nil ? [] : [Field(JoinRequest.labelledColumn, .bool)])),
      plainOutputs: outputs.plain)
    needsRowIdentity = program.inputColumns.contains(RowIdentity.columnName)
    self.eventTime = eventTime
    if let request = join {
      let plan = try JoinPlan(request, readBy: program)
      self.join = plan
      inputSchema = plan.input(.predictions).schema
      return
    }
    self.join = nil
    let used = Set(program.inputColumns)
      .union([eventTime.column, eventTime.watermarkColumn].compactMap { $0 })
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
  /// Those that nothing reads which needs strings to have ids.
  private(set) var plain: Set<Int> = []

  mutating func index(of expression: Expression, isPlain: Bool = false) -> Int {
    if let index = indices[expression] {
      if !isPlain { plain.remove(index) }
      return index
    }
    indices[expression] = expressions.count
    if isPlain { plain.insert(expressions.count) }
    expressions.append(expression)
    return expressions.count - 1
  }
}
