import Aggregation
import Columns
import Dataflow
import Evaluation
import EventTime
import Expressions
import FileIO
import Formats
import Snapshots
import TensorFlowExport
import Transform

/// A job made ready to run.
struct JobPlan {
  var configuration: JobConfiguration
  var pipeline: Pipeline
  var input: JobInput
  var source: any Source
  /// Every column of the input.
  var schema: Schema
  /// The columns whose type was guessed from the data.
  var inferred: [Field]
  /// Parallel to the stages of the pipeline.
  var outputs: [SnapshotSink.StageOutput]
  var appliedVersions: [AppliedVersions]
  /// What people should know about each stage; parallel to the stages.
  var notes: [[String]]
  var warnings: [String]

  /// The splits there are at the start.
  var splits: [String] { input.splits }
}

/// Binds a job file to its input: finds it, learns its columns, lowers the stages.
struct JobPlanner {
  let configuration: JobConfiguration

  /// Plans with the columns the job file gives; where these do not suffice, with those found in the
  /// data too.
  func plan() throws -> JobPlan {
    let input = try JobInput(configuration)
    if !configuration.schema.isEmpty, let plan = try? plan(input, inferred: []) { return plan }
    return try plan(input, inferred: input.inferredFields())
  }

  private func plan(_ input: JobInput, inferred found: [Field]) throws -> JobPlan {
    let fixed = input.fixedFields(named: configuration.root)
    for entry in configuration.schema where fixed.contains(where: { $0.name == entry.field.name }) {
      throw entry.node.error("a column that every message has; leave it out")
    }
    let given = configuration.schema.map(\.field) + fixed
    let names = Set(given.map(\.name))
    let inferred = found.filter { !names.contains($0.name) }
    let schema = Schema(given + inferred)
    var scope = FormulaScope(schema: schema)
    for (name, formula) in configuration.derived { try scope.derive(name, formula) }
    var requests: [Pipeline.StageRequest] = []
    var outputs: [SnapshotSink.StageOutput] = []
    let applied = try appliedVersions()
    var notes: [[String]] = []
    for stage in configuration.stages {
      var stageNotes: [String] = []
      var (description, output) = try lower(stage, scope, applied, &stageNotes)
      notes.append(stageNotes)
      output.isRetracting = stage.windowing.accumulation == .retracting
      let key = try windowKey(of: stage, scope)
      output.keyNames = key.map(\.name)
      requests.append(
        Pipeline.StageRequest(
          description, windowing: try windowing(of: stage), windowKey: key.map(\.expression)))
      outputs.append(output)
    }
    let pipeline = try bind(requests, scope)
    return JobPlan(
      configuration: configuration, pipeline: pipeline, input: input,
      source: input.source(of: pipeline.inputSchema),
      schema: schema, inferred: inferred, outputs: outputs,
      appliedVersions: Array(applied.values), notes: notes, warnings: warnings)
  }

  private func windowKey(
    of stage: StageConfiguration, _ scope: FormulaScope
  ) throws -> [(name: String, expression: Expression)] {
    try stage.windowKey.map { node in
      let (expression, type) = try scope.rowExpression(node)
      if case .list = type { throw node.error("is a list, and a session has one key") }
      return (try node.string(), expression)
    }
  }

  private func bind(
    _ requests: [Pipeline.StageRequest], _ scope: FormulaScope
  ) throws -> Pipeline {
    var filter: Expression?
    if let node = configuration.filter {
      let (expression, type) = try scope.rowExpression(node)
      guard type == .bool else { throw node.error("expected a condition, found type \(type)") }
      filter = expression
    }
    do {
      return try Pipeline(
        schema: scope.schema, eventTime: try eventTime(scope), filter: filter, stages: requests)
    } catch let error as ExpressionError {
      throw configuration.root.error("\(error)")
    }
  }

  private func eventTime(
    _ scope: FormulaScope
  ) throws(ConfigurationError)
    -> Pipeline.EventTimePolicy
  {
    guard let block = configuration.eventTime else {
      for stage in configuration.stages where !(stage.windowing.windowFn is GlobalWindows) {
        throw stage.node.error(
          "the windows of this stage depend on time: give 'event_time' with its column")
      }
      guard !configuration.input.isUnbounded else {
        throw configuration.root.error("a job without end needs 'event_time'")
      }
      return Pipeline.EventTimePolicy(column: nil, maxOutOfOrderness: .zero)
    }
    let name = try block.column.string()
    let names = scope.schema.fields.map(\.name)
    guard let field = scope.schema.field(named: name) else {
      throw block.column.error("unknown column '\(name)'\(suggestion(for: name, among: names))")
    }
    guard field.type == .timestamp else {
      throw block.column.error(
        "'\(name)' is of type \(FieldType.name(of: field)); say in 'schema' how it is written: "
          + TimestampUnit.allCases.map(\.rawValue).joined(separator: ", "))
    }
    if configuration.input.isUnbounded && block.late == nil {
      throw block.column.error(
        "a streaming job must say what happens to late rows: event_time.late: drop or side_output")
    }
    var policy = Pipeline.EventTimePolicy(
      column: name, maxOutOfOrderness: block.maxOutOfOrderness, idleAfter: block.idleAfter,
      maxFutureSkew: block.maxFutureSkew)
    policy.alignment.maxDrift = block.maxSplitDrift
    policy.closeAfterIdle = block.closeAfterIdle
    policy.keepsLateRows = block.late == .sideOutput
    return policy
  }

  private func lower(
    _ stage: StageConfiguration, _ scope: FormulaScope, _ applied: [String: AppliedVersions],
    _ notes: inout [String]
  ) throws -> (StageDescription, SnapshotSink.StageOutput) {
    switch stage.body {
    case .transform(let outputs, let options):
      let lowered = try transformStage(stage, outputs, options, scope)
      notes = lowered.phaseNotes
      return transform(stage, lowered, applied[stage.name])
    case .apply(let configuration):
      return try apply(stage, configuration, scope, applied[stage.name])
    case .evaluate(let block): return try evaluation(stage, block, scope)
    case .drift(let block): return try drift(stage, block, scope)
    case .aggregate(let keys, let values, let writesCSV):
      return try aggregation(stage, keys, values, writesCSV, scope)
    }
  }

  private func evaluation(
    _ stage: StageConfiguration, _ block: ConfigurationMapping, _ scope: FormulaScope
  ) throws -> (StageDescription, SnapshotSink.StageOutput) {
    let spec = try EvaluationReader(scope: scope).spec(block)
    let isGated = !spec.thresholds.isEmpty
    let keepsTFMA = configuration.kept.contains(.tfma)
    let lowered: EvaluationStage
    do {
      lowered = try EvaluationStage.lower(
        spec, name: stage.name, multivalentFeatures: lists(among: spec.features, scope))
    } catch {
      // The location is a path that begins with the block itself.
      let steps = error.location.split(separator: ".").dropFirst()
      throw stage.node.descendant(steps).error(error.reason)
    }
    var description = lowered.description
    description.groupings = description.groupings.map { keys in
      keys.map { $0.substituting(scope.definitions) }
    }
    let output = SnapshotSink.StageOutput(kind: .evaluation, name: stage.name) { content, _ in
      let snapshot = lowered.finish(content)
      var files = ["metrics.jsonl": snapshot.metricLines()]
      let plots = snapshot.plotLines()
      if !plots.isEmpty { files["plots.jsonl"] = plots }
      if isGated { files["validation.json"] = snapshot.validationJSON() }
      if keepsTFMA {
        for (name, bytes) in EvalResult(snapshot, of: spec).files { files["tfma/" + name] = bytes }
      }
      return Payload(
        files: files, approximations: snapshot.approximations,
        verdict: isGated ? snapshot.validation.verdict.name : nil)
    }
    return (description, output)
  }

  /// The features of which a row has several.
  private func lists(among features: Set<String>, _ scope: FormulaScope) -> Set<String> {
    features.filter { name in
      let feature = Expression.column(name).substituting(scope.definitions)
      let types = try? RowProgram([feature], schema: scope.schema).outputTypes
      return if case .list? = types?.first { true } else { false }
    }
  }

  private func aggregation(
    _ stage: StageConfiguration, _ keys: [ConfigurationNode],
    _ values: [(name: String, formula: ConfigurationNode)], _ writesCSV: Bool,
    _ scope: FormulaScope
  ) throws -> (StageDescription, SnapshotSink.StageOutput) {
    let keyOutputs = try keys.map { node in
      let (expression, type) = try scope.rowExpression(node)
      if case .list = type {
        throw node.error("is a list; list-valued keys are not supported yet")
      }
      return AggregationStage.Output(try node.string(), expression)
    }
    var valueOutputs: [AggregationStage.Output] = []
    for (name, node) in values {
      let (formula, expression) = try scope.formula(node)
      guard !keyOutputs.contains(where: { $0.name == name }) else {
        throw node.error("'\(name)' names a key already")
      }
      valueOutputs.append(AggregationStage.Output(name, expression))
      do {
        _ = try AggregateFunctionCatalog.resolve(expression, schema: scope.schema)
      } catch {
        throw node.error(in: formula, error)
      }
    }
    let lowered = try AggregationStage(
      name: stage.name, keys: keyOutputs, values: valueOutputs, schema: scope.schema)
    let output = SnapshotSink.StageOutput(kind: .aggregate, name: stage.name) { content, _ in
      let rows = lowered.finish(content)
      let (lines, approximations) = rows.jsonLines()
      var files = ["rows.jsonl": lines]
      if writesCSV { files["rows.csv"] = rows.csv() }
      return Payload(files: files, approximations: approximations)
    }
    return (lowered.description, output)
  }

  /// What the user should know before the run.
  private var warnings: [String] {
    var warnings: [String] = []
    if case .kafka(let kafka) = configuration.input, kafka.group != nil {
      warnings.append("source.kafka.group: nothing is committed to the group yet")
    }
    return warnings
      + configuration.stages.compactMap { stage in
        guard stage.windowing.mayLoseRows else { return nil }
        return "\(stage.kind) '\(stage.name)': the trigger \(stage.windowing.trigger) may finish "
          + "before its window closes; rows that come after are dropped"
      }
  }
}
