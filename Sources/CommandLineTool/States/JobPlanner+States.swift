import ByteCoding
import Columns
import Dataflow
import EventTime
import Expressions
import FileIO
import Snapshots

/// Stages that keep their states beside each pane.
extension JobPlanner {
  /// Has `output` write `state.bin`.
  func keepStates(
    of stage: StageConfiguration, _ plan: StatePlan, in output: inout SnapshotSink.StageOutput
  ) {
    let make = output.makePayload
    let accumulation = stage.windowing.accumulation
    output.makePayload = { content, window in
      var payload = try make(content, window)
      payload.files[StateFile.name] = StateFile(plan: plan.text, content: content.encoded).bytes
      payload.accumulation = accumulation
      return payload
    }
  }

  /// The plan of the states of a stage; `nil` for a kind that has none.
  func statePlan(
    _ stage: StageConfiguration, _ description: StageDescription, _ scope: FormulaScope
  ) throws -> StatePlan? {
    guard case .apply = stage.body else {
      guard StatePlan.blocks[description.kind] != nil else { return nil }
      return try StatePlan(
        stage, description.kind, of: configuration, columns: try columns(of: description, scope))
    }
    return nil
  }

  /// The columns that the stage reads, and those that derived columns and the filter do.
  private func columns(
    of description: StageDescription, _ scope: FormulaScope
  ) throws -> [Field] {
    let expressions =
      description.groupings.joined() + description.accumulators.flatMap(\.inputs)
      + scope.definitions.values
    let filter = try configuration.filter.map { try scope.rowExpression($0).expression }
    let program = try RowProgram(
      Array(expressions) + (filter.map { [$0] } ?? []),
      schema: Schema(scope.schema.fields + [Field(RowIdentity.columnName, .int64)]))
    let used = Set(program.inputColumns)
    return scope.schema.fields.filter { used.contains($0.name) }
  }
}

extension StatePlan {
  /// The stage that the plan describes, with one window of all time, and what is published of it.
  ///
  /// `path` is for messages.
  func bind(
    name: String, exports: [ExportFormat], kept: Set<JobConfiguration.KeptFiles>, path: String
  ) throws -> (stage: Stage, output: SnapshotSink.StageOutput) {
    let root = try ConfigurationFile.parse(text, path: path, environment: [:])
    let top = try root.mapping(["schema", "derive", "filter"] + Self.blocks.values.sorted())
    let windows = try ConfigurationFile.parse(
      Array("global: {}".utf8), path: path, environment: [:])
    guard let block = Self.blocks.values.first(where: { top[$0] != nil }), let node = top[block],
      var stage = try StageParser.stages(block, node, defaultWindows: windows).first
    else { throw root.error("no stage is described") }
    stage.name = name
    var configuration = JobConfiguration(
      name: "", input: .files(.init(paths: [], format: .jsonl, isFollowed: false)),
      schema: [], derived: try top["derive"]?.entries().pairs.map { ($0.key.text, $0.value) } ?? [],
      filter: top["filter"], stages: [stage], badRecords: .fail, root: root)
    configuration.exports = exports
    configuration.kept = kept.union([.state])
    var fields: [Field] = []
    for (key, value) in try top.required("schema").entries().pairs {
      fields.append(try FieldType.field(named: key.text, value))
    }
    let bound = try JobPlanner(configuration: configuration).bind(Schema(fields))
    return (bound.pipeline.stages[0], bound.outputs[0])
  }
}

extension PaneContent {
  fileprivate var encoded: [UInt8] {
    var writer = ByteWriter()
    encode(into: &writer)
    return writer.bytes
  }
}
