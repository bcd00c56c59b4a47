import Columns
import Dataflow
import Expressions
import FileIO
import Snapshots
import Transform

/// Stages that make transform versions, and stages that apply them.
extension JobPlanner {
  func transform(
    _ stage: StageConfiguration, _ lowered: TransformStage, _ applied: AppliedVersions?
  ) -> (StageDescription, SnapshotSink.StageOutput) {
    let files = TransformFiles(formats: configuration.exports)
    let output = SnapshotSink.StageOutput(kind: .transform, name: stage.name) { content, window in
      let version = try lowered.freeze(content)
      var payload = files.payload(version)
      payload.isLagged = lowered.isLagged
      applied?.note(version, digest: payload.digest, window: window)
      return payload
    }
    return (lowered.description, output)
  }

  func transformStage(
    _ stage: StageConfiguration, _ outputs: [(name: String, formula: ConfigurationNode)],
    _ options: TransformOptions, _ scope: FormulaScope
  ) throws -> TransformStage {
    var all: [PreprocessingFn.Output] = []
    for (name, node) in outputs {
      let (formula, expression) = try scope.formula(node)
      let output = PreprocessingFn.Output(name, expression)
      // Each alone first, so that an error can say where it stands.
      do {
        let alone = try PreprocessingFn(outputs: [output])
        _ = try TransformStage.lower(
          alone, schema: scope.schema, name: stage.name, options: options)
      } catch {
        throw node.error("in '\(formula.text)', \(error.message)")
      }
      all.append(output)
    }
    do {
      return try TransformStage.lower(
        try PreprocessingFn(outputs: all), schema: scope.schema, name: stage.name,
        options: options)
    } catch {
      throw stage.node.error("\(error)")
    }
  }

  /// The versions that each apply stage chooses from, by its name.
  func appliedVersions() throws -> [String: AppliedVersions] {
    var found: [String: AppliedVersions] = [:]
    for stage in configuration.stages {
      guard case .apply(let apply) = stage.body else { continue }
      do {
        found[stage.name] = AppliedVersions(
          stage: stage.name, first: try first(apply, stage.name),
          isPinned: apply.outputs == nil || apply.version.isNumber, models: models)
      } catch {
        throw stage.node.error("\(error)")
      }
    }
    return found
  }

  /// The version that the job file names, or the newest that was published where it says.
  private func first(
    _ apply: ApplyConfiguration, _ stage: String
  ) throws -> AppliedVersions.Applied? {
    guard let from = apply.from else { return nil }
    let folder = from + "/transform" + (stage.isEmpty ? "" : "/" + stage)
    let number: Int
    switch apply.version {
    case .number(let given): number = given
    case .latest:
      guard try FileSystem.kind(of: folder) == .directory,
        let newest = try FileSystem.names(in: folder).compactMap({ Int($0) }).max()
      else { throw SnapshotError(folder, "no version is published there") }
      number = newest
    }
    return try AppliedVersions.Applied(publishedAt: "\(folder)/\(number)", models: models)
  }

  func apply(
    _ stage: StageConfiguration, _ apply: ApplyConfiguration, _ scope: FormulaScope,
    _ versions: AppliedVersions?
  ) throws -> (StageDescription, SnapshotSink.StageOutput) {
    guard let versions else { preconditionFailure("no versions for '\(stage.name)'") }
    var inputs: [Field] = []
    if let outputs = apply.outputs {
      // The columns are the same whatever the options.
      inputs = try transformStage(stage, outputs, TransformOptions(), scope).graph.inputs
    }
    for field in try first(apply, stage.name)?.version.inputs ?? []
    where !inputs.contains(where: { $0.name == field.name }) {
      inputs.append(field)
    }
    for input in inputs {
      guard let field = scope.schema.field(named: input.name), field.type == input.type else {
        throw stage.node.error(
          "the version reads '\(input.name)' of type \(input.type), which the input does not have")
      }
    }
    let kept = ApplyStage(
      inputs: inputs, eventTime: try configuration.eventTime?.column.string(), name: stage.name)
    let rows = AppliedRows(stage: kept, versions: versions, format: apply.format)
    let output = SnapshotSink.StageOutput(kind: .transformed, name: stage.name) { content, window in
      try rows.payload(content, window)
    }
    return (kept.description, output)
  }
}

extension ApplyConfiguration.Version {
  /// Whether it is for all windows.
  fileprivate var isNumber: Bool { if case .number = self { true } else { false } }
}
