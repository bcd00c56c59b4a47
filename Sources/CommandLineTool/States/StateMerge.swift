import ArgumentParser
import Dataflow
import EventTime
import FileIO
import Snapshots

/// Panes of one job made into one a stage.
struct StateMerge {
  /// Of the result; as far as the panes reach if `nil`.
  let window: Window?
  /// Of the result's stage; that of the panes if `nil`.
  let name: String?
  /// The panes of each stage.
  let groups: [[PaneStates]]

  /// Publishes the sums in `directory`.
  ///
  /// - Returns: What was done, a line a stage.
  func publish(in directory: String) throws -> [String] {
    try check()
    var outputs: [SnapshotSink.StageOutput] = []
    var panes: [FiredPane] = []
    for (index, group) in groups.enumerated() {
      var (stage, output) = try group[0].plan.bind(
        name: name ?? group[0].manifest.stage, exports: group.exports, kept: group.kept,
        path: group[0].path + "/" + StateFile.name)
      let make = output.makePayload
      let lineage = group.lineage
      output.makePayload = { content, window in
        var payload = try make(content, window)
        payload.statesFrom = lineage
        return payload
      }
      outputs.append(output)
      panes.append(
        FiredPane(
          stage: index, window: try resultWindow(group), pane: .only,
          content: try group.merged(stage),
          watermark: group.map(\.manifest.watermark).max() ?? .distantPast,
          splits: group.splits))
    }
    let first = groups[0][0].manifest
    let sink = try SnapshotSink(
      outputs,
      options: SnapshotSink.Options(
        directory: directory, job: first.job, configuration: first.configuration,
        deadLetterPath: nil, attempt: JobPlan.attempt, clock: JobPlan.clock))
    try sink.publish(panes)
    return zip(groups, panes).map { group, pane in
      "\(group[0].stageTitle): \(group.count) pane\(group.count == 1 ? "" : "s") merged, "
        + "window \(pane.window)"
    }
  }

  private func check() throws {
    if let name, groups.count > 1 {
      throw ValidationError(
        "--name \(name) is for panes of one stage; these are of "
          + groups.map { $0[0].stageTitle }.joined(separator: ", "))
    }
    let first = groups[0][0]
    for group in groups {
      for pane in group {
        guard pane.manifest.job == first.manifest.job else {
          throw SnapshotError(
            pane.path,
            "is of job '\(pane.manifest.job)', and \(first.path) of '\(first.manifest.job)'")
        }
        if let difference = pane.plan.difference(from: group[0].plan) {
          throw SnapshotError(
            pane.path,
            "its states are of another configuration than those of \(group[0].path): \(difference)")
        }
      }
      try group.checkDisjoint()
    }
  }

  private func resultWindow(_ group: [PaneStates]) throws -> Window {
    let hull = group.dropFirst().reduce(group[0].manifest.window) { $0.union($1.manifest.window) }
    guard let window else { return hull }
    guard window.union(hull) == window else {
      throw ValidationError("--window \(window) does not hold \(hull), where the panes are")
    }
    return window
  }
}

extension [PaneStates] {
  /// The foreign formats that some pane was published in, or was to be.
  fileprivate var exports: [ExportFormat] {
    let names = Set(flatMap(\.manifest.exports.keys))
    return ExportFormat.allCases.filter { names.contains($0.rawValue) }
  }

  fileprivate var kept: Set<JobConfiguration.KeptFiles> {
    contains { $0.manifest.files.keys.contains { $0.hasPrefix("tfma/") } } ? [.tfma] : []
  }

  /// Each split as far as the furthest pane has it.
  fileprivate var splits: [SplitStatus] {
    var furthest: [String: SplitStatus] = [:]
    for split in flatMap(\.manifest.splits) where split.offset >= furthest[split.name]?.offset ?? 0
    {
      furthest[split.name] = split
    }
    return furthest.values.sorted { $0.name < $1.name }
  }
}

extension PaneInfo {
  /// The first and last of its window.
  fileprivate static let only = PaneInfo(
    index: 0, nonSpeculativeIndex: 0, timing: .onTime, isFirst: true, isLast: true)
}
