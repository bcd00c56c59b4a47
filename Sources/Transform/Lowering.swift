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
  public let description: StageDescription
  public let graph: TransformGraph
  /// The accumulator that each analyzer of the first phase reads.
  private let accumulators: [String: Int]
  /// What the later phases need, if there are any.
  private let spool: (accumulator: Int, columns: Schema)?

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
    for analyzer in graph.analyzers where analyzer.phase == 0 {
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
    self.graph = graph
    self.accumulators = accumulators
    description = StageDescription(
      name: name, kind: .transform, groupings: [[]], accumulators: uses)
  }

  /// The version that the content of a pane gives; without a row, TFT's constants of nothing.
  ///
  /// - Throws: ``TransformError`` when a constant does not suit a row function, such as NaN
  ///   boundaries, or a policy makes it an error.
  public func freeze(_ content: PaneContent) throws(TransformError) -> TransformVersion {
    let cells = content.groupings[0]
    var readings: [String: AggregateReading] = [:]
    for analyzer in graph.analyzers {
      guard let accumulator = accumulators[analyzer.formula] else { continue }
      readings[analyzer.formula] =
        cells.keys.count == 0
        ? AggregateReading(.missing)
        : analyzer.aggregate.read(cells, accumulator: accumulator, cell: 1)
    }
    var batches: [RecordBatch] = []
    if let spool, cells.keys.count > 0 {
      let rows = cells.states(spool.accumulator, as: GroupedSpool.self).output(1)
      do {
        batches = try rows.batches(spool.columns)
      } catch {
        throw TransformError(error.description)
      }
    }
    var constants: [TransformConstant] = []
    for phase in 0...graph.lastPhase {
      if phase > 0 {
        let known = Dictionary(
          constants.map { ($0.formula, $0.value) }, uniquingKeysWith: { first, _ in first })
        readings.merge(
          try LaterPhase(graph.analyzers.filter { $0.phase == phase }, known).readings(batches)
        ) { first, _ in first }
      }
      for analyzer in graph.analyzers where analyzer.phase == phase {
        constants.append(
          try TransformConstant(analyzer, readings[analyzer.formula] ?? AggregateReading(.missing)))
      }
    }
    return try TransformVersion(
      name: description.name, inputs: graph.inputs, constants: constants,
      outputs: graph.outputs.map {
        .init(name: $0.name, type: $0.type, expression: $0.expression, source: $0.source)
      })
  }
}
