public import Columns
public import Dataflow

/// A transform as a stage of the pipeline, and how a fired pane becomes a version.
///
/// The only file that knows both the graph and the stage.
public struct TransformStage: Sendable {
  /// One cell of all rows; each accumulator runs once, whoever reads it.
  public let description: StageDescription
  public let graph: TransformGraph
  /// The accumulator that each analyzer reads; parallel to `graph.analyzers`.
  private let accumulators: [Int]

  /// Prepares the stage called `name`.
  ///
  /// - Throws: ``TransformError`` for a function that does not fit `schema`.
  public static func lower(
    _ fn: PreprocessingFn, schema: Schema, name: String
  ) throws(TransformError) -> TransformStage {
    TransformStage(try TransformGraph(fn, schema: schema), name: name)
  }

  /// The stage that fills the open analyzers of `graph`.
  public init(_ graph: TransformGraph, name: String) {
    var uses: [AccumulatorUse] = []
    var positions: [AccumulatorUse: Int] = [:]
    accumulators = graph.analyzers.map { analyzer in
      let use = analyzer.aggregate.use
      if let position = positions[use] { return position }
      positions[use] = uses.count
      uses.append(use)
      return uses.count - 1
    }
    self.graph = graph
    description = StageDescription(
      name: name, kind: .transform, groupings: [[]], accumulators: uses)
  }

  /// The version that the content of a pane gives; without a row, TFT's constants of nothing.
  ///
  /// - Throws: ``TransformError`` when a constant does not suit a row function, such as NaN
  ///   boundaries.
  public func freeze(_ content: PaneContent) throws(TransformError) -> TransformVersion {
    let cells = content.groupings[0]
    var constants: [TransformConstant] = []
    for (analyzer, accumulator) in zip(graph.analyzers, accumulators) {
      let reading =
        cells.keys.count == 0
        ? AggregateReading(.missing)
        : analyzer.aggregate.read(cells, accumulator: accumulator, cell: 1)
      constants.append(TransformConstant(analyzer, reading))
    }
    return try TransformVersion(
      name: description.name, inputs: graph.inputs, constants: constants,
      outputs: graph.outputs.map {
        .init(name: $0.name, type: $0.type, expression: $0.expression, source: $0.source)
      })
  }
}
