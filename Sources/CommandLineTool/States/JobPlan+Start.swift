import Dataflow
import EventTime
import Snapshots

/// Windows that begin with the states of earlier panes (`start_from`).
extension JobPlan {
  /// Reads the states that the job starts from, and gives each to the windows that hold its own.
  mutating func begin() throws {
    guard !configuration.startFrom.isEmpty else { return }
    var states: [(node: ConfigurationNode, pane: PaneStates)] = []
    for node in configuration.startFrom {
      do {
        states += try PaneStates.read([try node.string()]).map { (node, $0) }
      } catch let error as ConfigurationError {
        throw error
      } catch {
        throw node.error("\(error)")
      }
    }
    do {
      try states.map(\.pane).grouped.forEach { try $0.checkDisjoint() }
    } catch {
      throw configuration.startFrom[0].error("\(error)")
    }
    var starts: [StartWindow: (panes: [PaneStates], content: PaneContent)] = [:]
    for (node, pane) in states {
      for window in try windows(for: pane, node) {
        let content = try pane.content(pipeline.stages[window.stage])
        starts[window, default: ([], content)].panes.append(pane)
        if starts[window]?.panes.count ?? 0 > 1 { starts[window]?.content.merge(content) }
      }
    }
    pipeline.start = starts.sorted { $0.key < $1.key }.map {
      StartingState(stage: $0.key.stage, window: $0.key.window, content: $0.value.content)
    }
    noteLineage(starts.mapValues(\.panes.lineage))
    noteStart(states.map(\.pane))
  }

  private struct StartWindow: Hashable, Comparable {
    var stage: Int
    var window: Window

    static func < (one: Self, two: Self) -> Bool {
      (one.stage, one.window) < (two.stage, two.window)
    }
  }

  /// The windows of this job that hold the pane's.
  private func windows(
    for pane: PaneStates, _ node: ConfigurationNode
  ) throws(ConfigurationError) -> [StartWindow] {
    var reasons: [String] = []
    var found: [StartWindow] = []
    for (index, stage) in pipeline.stages.enumerated() where stage.kind == pane.manifest.kind {
      let title = configuration.stages[index].title
      guard let plan = statePlans[index] else { continue }
      if let difference = plan.difference(from: pane.plan) {
        reasons.append("\(title) differs in \(difference)")
        continue
      }
      let windowFn = stage.windowing.windowFn
      let window = pane.manifest.window
      let holding =
        windowFn.isMerging
        ? []
        : windowFn.windows(for: window.start).filter {
          $0.start <= window.start && window.end <= $0.end
        }
      if holding.isEmpty {
        reasons.append("no window of \(title) holds \(window)")
      }
      found += holding.map { StartWindow(stage: index, window: $0) }
    }
    guard found.isEmpty else { return found }
    if reasons.isEmpty { reasons = ["the job has no stage of this kind"] }
    throw node.error(
      "the states of \(pane.path) (\(pane.stageTitle)) go to no stage: "
        + reasons.joined(separator: "; "))
  }

  /// Has manifests say which panes are part of a window.
  private mutating func noteLineage(_ lineage: [StartWindow: [String: String]]) {
    for stage in outputs.indices where lineage.keys.contains(where: { $0.stage == stage }) {
      let make = outputs[stage].makePayload
      outputs[stage].makePayload = { content, window in
        var payload = try make(content, window)
        payload.statesFrom = lineage[StartWindow(stage: stage, window: window)] ?? [:]
        return payload
      }
    }
  }

  /// What people should know of where the job starts.
  private mutating func noteStart(_ panes: [PaneStates]) {
    for stage in pipeline.stages.indices {
      let count = pipeline.start.count { $0.stage == stage }
      if count > 0 {
        notes[stage].append(
          "start       \(count) window\(count == 1 ? "" : "s") from the states of earlier panes")
      } else if statePlans[stage] != nil {
        warnings.append(
          "start_from: no pane is of \(configuration.stages[stage].title): it starts empty")
      }
    }
    let known = Set(panes.flatMap { $0.manifest.splits.map(\.name) })
    for split in splits where known.contains(split) {
      warnings.append(
        "start_from: '\(split)' is read again, of which the states may hold rows already; rows of "
          + "their windows would count twice")
    }
  }
}

extension [PaneStates] {
  /// By stage, in order of first appearance.
  var grouped: [[PaneStates]] {
    var order: [String] = []
    var groups: [String: [PaneStates]] = [:]
    for pane in self {
      if groups[pane.stageTitle] == nil { order.append(pane.stageTitle) }
      groups[pane.stageTitle, default: []].append(pane)
    }
    return order.compactMap { groups[$0] }
  }
}
