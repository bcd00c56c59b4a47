import Columns
import Dataflow
import Evaluation
import EventTime
import Expressions
import FileIO
import Formats
import Snapshots

extension JobPlanner {
  func drift(
    _ stage: StageConfiguration, _ block: ConfigurationMapping, _ scope: FormulaScope
  ) throws -> (StageDescription, SnapshotSink.StageOutput) {
    let features = try features(block, scope)
    var spec = DriftSpec(
      features: features, reference: try reference(block, stage, features))
    if let rate = block["alarm_rate"] {
      spec.alarmRate = try rate.number()
      guard (0...1).contains(spec.alarmRate) else { throw rate.error("expected a share, 0…1") }
    }
    if let least = block["at_least"] { spec.leastDivergence = try least.number() }
    let isGated = try block["gate"]?.boolean() ?? false
    let lowered = DriftStage(spec, name: stage.name)
    let bounds = spec.features.filter { $0.kind == .numeric }.map(\.name)
    let output = SnapshotSink.StageOutput(kind: .drift, name: stage.name) { content, window in
      let snapshot = lowered.finish(content, of: window)
      // The first window and what follows the last have nothing to be compared with.
      let verdict = snapshot.isAlarm.map { $0 ? "fail" : "pass" }
      return Payload(
        files: [
          "drift.jsonl": snapshot.lines(), "distributions.jsonl": snapshot.distributionLines(),
        ],
        approximations: zip(snapshot.features, snapshot.distributions).compactMap { drift, _ in
          bounds.contains(drift.name) && drift.rankError > 0
            ? "\(drift.name): ks within \(drift.rankError)" : nil
        },
        verdict: isGated ? verdict : nil)
    }
    return (lowered.description, output)
  }

  /// The windows of a stage; a pane that compares a window with the one before covers both.
  func windowing(of stage: StageConfiguration) throws(ConfigurationError) -> WindowingStrategy {
    guard case .drift(let block) = stage.body, try isPrevious(block["reference"]) else {
      return stage.windowing
    }
    var windowing = stage.windowing
    windowing.windowFn = try previousWindow(stage).paneWindows
    return windowing
  }

  private func isPrevious(_ node: ConfigurationNode?) throws(ConfigurationError) -> Bool {
    guard let node else { return true }
    return node.isMapping ? false : try node.string() == "previous"
  }

  private func previousWindow(
    _ stage: StageConfiguration
  ) throws(ConfigurationError) -> PreviousWindow {
    guard let time = configuration.eventTime else {
      throw stage.node.error("the window before needs 'event_time'")
    }
    let micros = Expression.call(
      "int", [Expression.Argument(.column(try time.column.string()))])
    guard let previous = PreviousWindow(stage.windowing.windowFn, time: micros) else {
      throw stage.node.error(
        "the window before is known of fixed, sliding and calendar windows; give 'reference' the "
          + "directory of a pane of drift, or { transform: DIRECTORY }, a published version")
    }
    return previous
  }

  private func reference(
    _ block: ConfigurationMapping, _ stage: StageConfiguration, _ features: [DriftSpec.Feature]
  ) throws -> DriftSpec.Reference {
    guard let node = block["reference"], try !isPrevious(node) else {
      return .previous(try previousWindow(stage))
    }
    if node.isMapping {
      let nodes = try ["features", "categorical"].flatMap { try block[$0]?.list() ?? [] }
      return .known(
        try TrainingReference(node, models: models)
          .distributions(zip(features, nodes).map { ($0, $1) }))
    }
    let path = try node.string() + "/distributions.jsonl"
    let bytes: [UInt8]
    do {
      bytes = try FileSystem.contents(of: path)
    } catch {
      throw node.error("\(error)")
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    let known = lines.compactMap { line in
      (try? JSONValue(parsing: Array(line))).flatMap { FeatureDistribution($0) }
    }
    guard known.count == lines.count, !known.isEmpty else {
      throw node.error("\(path) holds no distributions")
    }
    return .known(known)
  }

  /// Columns or `name: formula`; text and truth values are categories, numbers are numbers unless
  /// they stand in `categorical`.
  private func features(
    _ block: ConfigurationMapping, _ scope: FormulaScope
  ) throws -> [DriftSpec.Feature] {
    var features: [DriftSpec.Feature] = []
    for (key, isCategorical) in [("features", false), ("categorical", true)] {
      for node in try block[key]?.list() ?? [] {
        let (expression, type) = try scope.rowExpression(node)
        let name = try node.string()
        guard !features.contains(where: { $0.name == name }) else {
          throw node.error("'\(name)' is named twice")
        }
        switch type {
        case .string: features.append(.init(name, expression, .categorical))
        case .bool:
          features.append(
            .init(name, .call("int", [Expression.Argument(expression)]), .categorical))
        case .int64 where isCategorical: features.append(.init(name, expression, .categorical))
        case .int64, .float64,
          .float32 where !isCategorical:
          features.append(.init(name, .call("float", [Expression.Argument(expression)]), .numeric))
        default:
          throw node.error(
            "a column of type \(type) cannot be watched\(isCategorical ? " by category" : "")")
        }
      }
    }
    guard !features.isEmpty else {
      throw configuration.root.error("drift: give 'features' or 'categorical', lists of columns")
    }
    return features
  }
}
