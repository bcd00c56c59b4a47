import Aggregation
import Columns
import Dataflow
import Evaluation
import EventTime
import Expressions
import FileIO
import Formats
import ModelRuntime
import Snapshots
import TensorFlowExport
import Transform

/// A job made ready to run.
struct JobPlan {
  var configuration: JobConfiguration
  var pipeline: Pipeline
  /// With a join, of predictions.
  var input: JobInput
  /// Of a join.
  var labels: JobInput?
  var source: any Source
  /// Every column of the input.
  var schema: Schema
  /// The columns whose type was guessed from the data.
  var inferred: [Field]
  /// Parallel to the stages of the pipeline.
  var outputs: [SnapshotSink.StageOutput]
  var appliedVersions: [AppliedVersions]
  /// The models that formulas call.
  var models: [any RowModel]
  /// What people should know about each stage; parallel to the stages.
  var notes: [[String]]
  var warnings: [String]
  /// Sent when the run is to stop.
  let stopSignal = StopSignal()
  /// What decides the states of each stage; `nil` of one that cannot keep them.
  var statePlans: [StatePlan?]

  /// The splits there are at the start.
  var splits: [String] {
    guard let labels else { return input.splits }
    return input.splits.map { JoinedSource.name($0, .predictions) }
      + labels.splits.map { JoinedSource.name($0, .labels) }
  }
}

/// Binds a job file to its input: finds it, learns its columns, lowers the stages.
struct JobPlanner {
  let configuration: JobConfiguration
  let models: ModelLibrary

  init(configuration: JobConfiguration) {
    self.configuration = configuration
    models = ModelLibrary(
      directory: configuration.root.file.directory, places: configuration.runtimes)
  }

  /// Plans with the columns the job file gives; where these do not suffice, with those found in the
  /// data too.
  func plan() throws -> JobPlan {
    let input = try JobInput(configuration.input)
    if !configuration.schema.isEmpty, configuration.join == nil,
      let plan = try? plan(input, inferred: [])
    {
      return plan
    }
    return try plan(input, inferred: input.inferredFields())
  }

  private func plan(_ input: JobInput, inferred found: [Field]) throws -> JobPlan {
    var (schema, inferred) = try columns(input, given: configuration.schema, inferred: found)
    let joined = try configuration.join.map { try join($0, predictions: schema) }
    if let joined {
      schema = joined.scope.schema
      inferred += joined.inferred
    }
    let bound = try bind(schema, joined)
    var plan = JobPlan(
      configuration: configuration, pipeline: bound.pipeline, input: input,
      labels: joined?.labels, source: source(input, joined?.labels, bound.pipeline),
      schema: schema, inferred: inferred, outputs: bound.outputs,
      appliedVersions: bound.applied, models: models.models, notes: bound.notes, warnings: warnings,
      statePlans: bound.statePlans)
    try plan.begin()
    return plan
  }

  /// The stages, bound to the columns of the input.
  struct BoundStages {
    var pipeline: Pipeline
    /// Parallel to the stages of the pipeline, as `notes`.
    var outputs: [SnapshotSink.StageOutput] = []
    var notes: [[String]] = []
    var statePlans: [StatePlan?] = []
    var applied: [AppliedVersions]
  }

  /// Lowers the stages for records with the columns of `schema`.
  func bind(_ schema: Schema, _ joined: JoinedInputs? = nil) throws -> BoundStages {
    let models = models
    let openModel: ModelOpener = { request throws(ModelFailure) in try models.open(request) }
    var scope = joined?.scope ?? FormulaScope(schema: schema, openModel: openModel)
    for (name, formula) in configuration.derived { try scope.derive(name, formula) }
    var requests: [Pipeline.StageRequest] = []
    var outputs: [SnapshotSink.StageOutput] = []
    let applied = try appliedVersions()
    var notes: [[String]] = []
    var statePlans: [StatePlan?] = []
    for stage in configuration.stages {
      var stageNotes: [String] = []
      var (description, output) = try lower(stage, scope, applied, &stageNotes)
      notes.append(stageNotes)
      output.isRetracting = stage.windowing.accumulation == .retracting
      let key = try windowKey(of: stage, scope)
      output.keyNames = key.map(\.name)
      // States of a join would lack the rows that wait for each other.
      let statePlan = joined == nil ? try statePlan(stage, description, scope) : nil
      statePlans.append(statePlan)
      if let statePlan, configuration.kept.contains(.state) {
        keepStates(of: stage, statePlan, in: &output)
      }
      requests.append(
        Pipeline.StageRequest(
          description, windowing: try windowing(of: stage), windowKey: key.map(\.expression)))
      outputs.append(output)
    }
    return BoundStages(
      pipeline: try bind(requests, scope, joined?.request), outputs: outputs, notes: notes,
      statePlans: statePlans, applied: Array(applied.values))
  }

  /// The columns of an input, and those of them that were found in the data.
  func columns(
    _ input: JobInput, given entries: [JobConfiguration.SchemaEntry], inferred found: [Field]
  ) throws(ConfigurationError) -> (Schema, inferred: [Field]) {
    let fixed = input.fixedFields(named: configuration.root)
    for entry in entries where fixed.contains(where: { $0.name == entry.field.name }) {
      throw entry.node.error("a column that every message has; leave it out")
    }
    let given = entries.map(\.field) + fixed
    let names = Set(given.map(\.name))
    let inferred = found.filter { !names.contains($0.name) }
    return (Schema(given + inferred), inferred)
  }

  private func source(
    _ input: JobInput, _ labels: JobInput?, _ pipeline: Pipeline
  ) -> any Source {
    guard let labels, let join = pipeline.join else {
      return input.source(of: pipeline.inputSchema)
    }
    return JoinedSource(
      predictions: input.source(of: join.input(.predictions).schema),
      labels: labels.source(of: join.input(.labels).schema))
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
    _ requests: [Pipeline.StageRequest], _ scope: FormulaScope, _ join: JoinRequest?
  ) throws -> Pipeline {
    var filter: Expression?
    if let node = configuration.filter {
      let (expression, type) = try scope.rowExpression(node)
      guard type == .bool else { throw node.error("expected a condition, found type \(type)") }
      filter = expression
    }
    do {
      return try Pipeline(
        schema: scope.schema,
        eventTime: try join?.input(.predictions).eventTime ?? eventTime(scope.schema),
        filter: filter, stages: requests, join: join)
    } catch let error as ExpressionError {
      throw configuration.root.error("\(error)")
    }
  }

  private func eventTime(
    _ schema: Schema
  ) throws(ConfigurationError) -> Pipeline.EventTimePolicy {
    guard let block = configuration.eventTime else {
      for stage in configuration.stages where !(stage.windowing.windowFn is GlobalWindows) {
        throw stage.node.error(
          "the windows of this stage depend on time: give 'event_time' with its column")
      }
      guard !configuration.isUnbounded else {
        throw configuration.root.error("a job without end needs 'event_time'")
      }
      return Pipeline.EventTimePolicy(column: nil, maxOutOfOrderness: .zero)
    }
    return try policy(block, schema)
  }

  /// What `block` says of an input of the columns of `schema`.
  func policy(
    _ block: JobConfiguration.EventTimeBlock, _ schema: Schema
  ) throws(ConfigurationError) -> Pipeline.EventTimePolicy {
    let name = try timeColumn(block.column, schema)
    if configuration.isUnbounded && block.late == nil {
      throw block.column.error(
        "a streaming job must say what happens to late rows: event_time.late: drop or side_output")
    }
    var policy = Pipeline.EventTimePolicy(
      column: name, maxOutOfOrderness: block.maxOutOfOrderness, idleAfter: block.idleAfter,
      maxFutureSkew: block.maxFutureSkew)
    policy.watermarkColumn = try block.watermarkColumn.mapOrThrow {
      node throws(ConfigurationError) in try timeColumn(node, schema)
    }
    policy.estimator = block.estimator
    policy.alignment.maxDrift = block.maxSplitDrift
    policy.closeAfterIdle = block.closeAfterIdle
    policy.keepsLateRows = block.late == .sideOutput
    return policy
  }

  /// The name of a column of timestamps.
  private func timeColumn(
    _ node: ConfigurationNode, _ schema: Schema
  ) throws(ConfigurationError) -> String {
    let name = try node.string()
    guard let field = schema.field(named: name) else {
      let names = schema.fields.map(\.name)
      throw node.error("unknown column '\(name)'\(suggestion(for: name, among: names))")
    }
    guard field.type == .timestamp else {
      throw node.error(
        "'\(name)' is of type \(FieldType.name(of: field)); say in 'schema' how it is written: "
          + TimestampUnit.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return name
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
    let spec = try evaluationSpec(block, scope)
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
      keys.map { feature($0, scope) }
    }
    var output = SnapshotSink.StageOutput(kind: .evaluation, name: stage.name) { content, _ in
      let snapshot = lowered.finish(content)
      var files = ["metrics.jsonl": snapshot.metricLines()]
      let plots = snapshot.plotLines()
      if !plots.isEmpty { files["plots.jsonl"] = plots }
      let members = snapshot.memberLines()
      if !members.isEmpty { files["heavy_hitters.jsonl"] = members }
      if isGated { files["validation.json"] = snapshot.validationJSON() }
      if keepsTFMA {
        for (name, bytes) in EvalResult(snapshot, of: spec).files { files["tfma/" + name] = bytes }
      }
      return Payload(
        files: files, approximations: snapshot.approximations,
        verdict: isGated ? snapshot.validation.verdict.name : nil)
    }
    if configuration.join != nil {
      output.compare = { before, after in
        let name = "metrics.jsonl"
        let changes = try MetricChanges(from: before[name] ?? [], to: after[name] ?? [])
        return PaneChanges(
          lines: changes.lines, sliceCount: changes.sliceCount, valueCount: changes.valueCount)
      }
    }
    return (description, output)
  }

  /// What a feature of slices is: a column, a derived one, or the condition that it is called by.
  private func feature(_ key: Expression, _ scope: FormulaScope) -> Expression {
    if case .column(let name) = key, scope.schema.position(of: name) == nil,
      scope.definitions[name] == nil, let formula = try? Formula(name)
    {
      return formula.expression.substituting(scope.definitions)
    }
    return key.substituting(scope.definitions)
  }

  /// Behind a join, slices are of predictions: those that lack a label are counted too.
  private func evaluationSpec(
    _ block: ConfigurationMapping, _ scope: FormulaScope
  ) throws(ConfigurationError) -> EvaluationSpec {
    var spec = try EvaluationReader(scope: scope).spec(block)
    guard configuration.join != nil else { return spec }
    spec.labelled = .column(JoinRequest.labelledColumn)
    for name in spec.features.sorted() {
      let columns = Expression.column(name).substituting(scope.definitions).columns
      guard columns.isDisjoint(with: scope.labelColumns) else {
        throw (block["slices"] ?? block.parent).error(
          "'\(name)' is a column of labels: which slice a prediction without one is in is not known"
        )
      }
    }
    return spec
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
    if configuration.topics != nil && configuration.checkpoints == nil {
      warnings.append(
        "without checkpoints topics are written at least once: a run that is started over repeats "
          + "its records")
    }
    if configuration.join != nil, configuration.isUnbounded {
      for stage in configuration.stages where stage.windowing.windowFn is GlobalWindows {
        warnings.append(
          "\(stage.kind) '\(stage.name)': the global window never closes, so no row of the join is "
            + "ever let go; join.memory will be reached")
      }
    }
    return warnings
      + configuration.stages.compactMap { stage in
        guard stage.windowing.mayLoseRows else { return nil }
        return "\(stage.kind) '\(stage.name)': the trigger \(stage.windowing.trigger) may finish "
          + "before its window closes; rows that come after are dropped"
      }
  }
}
