import Accumulators
import ByteCoding
public import Columns
public import Dataflow
import Expressions

/// A transform as a stage of the pipeline, and how a fired pane becomes a version.
///
/// The only file that knows both the graph and the stage. Analyzers of later phases read spooled
/// rows: the stage keeps the columns they need, and the phases run when the pane fires.
public struct TransformStage: Sendable {
  /// One cell of all rows; each accumulator runs once, whoever reads it.
  public private(set) var description: StageDescription
  public let graph: TransformGraph
  /// The accumulator that each analyzer of the first phase reads.
  private let accumulators: [String: Int]
  /// What the later phases need, if there are any.
  private let spool: (accumulator: Int, columns: Schema)?
  /// The accumulator of each analyzer of a later phase; none unless phases lag.
  private let lagging: [String: Int]

  /// Prepares the stage called `name`.
  ///
  /// - Throws: ``TransformError`` for a function that does not fit `schema`.
  public static func lower(
    _ fn: PreprocessingFn, schema: Schema, name: String,
    options: TransformOptions = TransformOptions()
  ) throws(TransformError) -> TransformStage {
    try TransformStage(
      TransformGraph(fn, schema: schema, options: options), schema: schema, name: name)
  }

  /// The stage that fills the open analyzers of `graph`, which was made for `schema`.
  init(_ graph: TransformGraph, schema: Schema, name: String) throws(TransformError) {
    var uses: [AccumulatorUse] = []
    var positions: [AccumulatorUse: Int] = [:]
    var accumulators: [String: Int] = [:]
    for analyzer in graph.analyzers where analyzer.accumulationPhase == 0 {
      let use = analyzer.aggregate.use
      if positions[use] == nil {
        positions[use] = uses.count
        uses.append(use)
      }
      accumulators[analyzer.formula] = positions[use]
    }
    let columns = try graph.spooledColumns(schema)
    spool = columns.fields.isEmpty ? nil : (uses.count, columns)
    if !columns.fields.isEmpty {
      uses.append(
        AccumulatorUse(
          AccumulatorPlan(GroupedSpool.self, SpoolParameters(columns: columns.fields.count)),
          of: columns.fields.map { .column($0.name) }))
    }
    var lagging: [String: Int] = [:]
    if !columns.fields.isEmpty, graph.phases == .lagged {
      var later: [AccumulatorUse: Int] = [:]
      for analyzer in graph.analyzers where analyzer.accumulationPhase > 0 {
        if later[analyzer.aggregate.use] == nil {
          later[analyzer.aggregate.use] = uses.count
          uses.append(.filledBySettling(analyzer.aggregate.use.plan))
        }
        lagging[analyzer.formula] = later[analyzer.aggregate.use]
      }
    }
    self.graph = graph
    self.accumulators = accumulators
    self.lagging = lagging
    description = StageDescription(
      name: name, kind: .transform, groupings: [[]], accumulators: uses)
    guard !lagging.isEmpty else { return }
    let stage = self
    description.settle = { stage.settled($0) }
  }

  /// Whether an analyzer has seen rows with the constants of earlier versions.
  public var isLagged: Bool { !lagging.isEmpty }

  /// The version that the content of a pane gives; without a row, TFT's constants of nothing.
  ///
  /// - Precondition: `content` is settled, if the stage settles.
  /// - Throws: ``TransformError`` when a constant does not suit a row function, such as NaN
  ///   boundaries, or a policy makes it an error.
  public func freeze(_ content: PaneContent) throws(TransformError) -> TransformVersion {
    let cells = content.groupings[0]
    let rows = isLagged ? nil : keptRows(cells)
    return try TransformVersion(
      name: description.name, inputs: graph.inputs,
      constants: try constants(cells, rows, through: graph.lastPhase),
      outputs: graph.outputs.map {
        .init(name: $0.name, type: $0.type, expression: $0.expression, source: $0.source)
      })
  }

  /// The constants of the phases up to `last`, from states and, for later ones that do not lag, rows.
  private func constants(
    _ cells: GroupedStates, _ rows: KeptRows?, through last: Int
  ) throws(TransformError) -> [TransformConstant] {
    var readings: [String: AggregateReading] = [:]
    for analyzer in graph.analyzers {
      let lagging = lagging[analyzer.formula]
      guard let accumulator = accumulators[analyzer.formula] ?? lagging else { continue }
      var reading =
        cells.keys.count == 0
        ? AggregateReading(.missing)
        : analyzer.aggregate.read(cells, accumulator: accumulator, cell: 1)
      if lagging != nil { reading.errorBound = Self.lag(reading.errorBound) }
      readings[analyzer.formula] = reading
    }
    var constants: [TransformConstant] = []
    for phase in 0...last {
      if phase > 0 {
        let later = laterPhase(phase, constants)
        readings.merge(try later.readings(rows)) { first, _ in first }
        try later.mapPushedDown(&readings)
      }
      for analyzer in graph.analyzers where analyzer.phase == phase {
        constants.append(
          try TransformConstant(analyzer, readings[analyzer.formula] ?? AggregateReading(.missing)))
      }
    }
    return constants
  }

  private static func lag(_ bound: String?) -> String {
    (bound.map { $0 + "; " } ?? "")
      + "rows of earlier versions were seen with the constants of those (phase: lagged)"
  }

  private func laterPhase(_ phase: Int, _ constants: [TransformConstant]) -> LaterPhase {
    LaterPhase(
      graph.analyzers.filter { $0.phase == phase },
      Dictionary(constants.map { ($0.formula, $0.value) }, uniquingKeysWith: { first, _ in first }))
  }

  private func keptRows(_ cells: GroupedStates) -> KeptRows? {
    guard let spool, cells.keys.count > 0 else { return nil }
    return KeptRows(
      cells.states(spool.accumulator, as: GroupedSpool.self).output(1), spool.columns)
  }

  /// The content with the rows kept gone into the states of the analyzers that lag.
  private func settled(_ content: PaneContent) -> PaneContent {
    guard let spool, content.groupings[0].keys.count > 0 else { return content }
    var settled = content
    do throws(TransformError) {
      let rows = keptRows(content.groupings[0])
      _ = settled.groupings[0].take(spool.accumulator)
      for phase in 1...graph.lastPhase {
        let known = try constants(settled.groupings[0], nil, through: phase - 1)
        for (formula, states) in try laterPhase(phase, known).states(rows) {
          guard let accumulator = lagging[formula] else { continue }
          settled.groupings[0].add(states, to: accumulator)
        }
      }
      return settled
    } catch {
      // The version that is made of it fails for the same reason, and says so.
      return content
    }
  }
}

extension TransformStage {
  /// How each analyzer gets its rows, for people.
  public var phaseNotes: [String] {
    let first = graph.analyzers.filter { $0.accumulationPhase == 0 }
    let shared = Set(first.map(\.aggregate.use)).count
    var notes = [
      "analyzers   \(first.count) over the rows as they come, with \(shared) accumulators"
    ]
    guard graph.lastPhase > 0 else { return first.isEmpty ? [] : notes }
    let columns = spool?.columns.fields.map(\.name).joined(separator: ", ")
    let kept = columns.map {
      isLagged
        ? "lagged: distinct rows of \($0) are kept from one version to the next"
        : "exact: distinct rows of \($0) are kept as long as the window"
    }
    notes.append("phases      \(graph.lastPhase + 1); \(kept ?? "exact, in one pass")")
    if isLagged {
      notes.append(
        "            versions depend on arrival; 'phases: exact' keeps the rows of all time")
    }
    return notes
      + graph.analyzers.filter { $0.phase > 0 }.map { analyzer in
        let way =
          analyzer.map != nil
          ? "mapped from the column's" : isLagged ? "lagged" : "at firing, over the rows kept"
        return "phase \(analyzer.phase + 1)     \(analyzer.formula): \(way)"
      }
  }
}
