import Dataflow
import EventTime

/// Takes the windows that fire out of the workers, merges them and hands them to the sink.
final class PaneCollector: Sendable {
  private struct State: Sendable {
    /// What accumulating windows hold so far; shape `[stages][windows]`.
    var held: [[Window: PaneContent]]
  }

  private let stages: [Stage]
  private let workers: [Worker]
  private let coordinator: Locked<Coordinator>
  private let publish: @Sendable (FiredPane) -> Void
  private let waiting = Locked<[DueFiring]>([])
  private let state: Locked<State>

  init(
    stages: [Stage], workers: [Worker], coordinator: Locked<Coordinator>,
    publish: @escaping @Sendable (FiredPane) -> Void
  ) {
    self.stages = stages
    self.workers = workers
    self.coordinator = coordinator
    self.publish = publish
    state = Locked(State(held: Array(repeating: [:], count: stages.count)))
  }

  /// Takes a step of the coordinator and collects the panes that it announces, one after the other
  /// in the order of the steps.
  ///
  /// Who steps first queues first: the queue is written under the coordinator's lock. Else two
  /// workers could swap the panes of one window, and the first take the rows of the second.
  func collect(_ step: (inout Coordinator) -> [DueFiring]) {
    let isDue = coordinator.withLock { coordinator in
      let due = step(&coordinator)
      if !due.isEmpty { waiting.withLock { $0.append(contentsOf: due) } }
      return !due.isEmpty
    }
    guard isDue else { return }
    state.withLock { state in
      while let next = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
        collect(next, &state)
      }
    }
  }

  private func collect(_ due: DueFiring, _ state: inout State) {
    let window = due.firing.window
    let stage = stages[due.stage]
    var new = extract(due.stage, window, .onTime)
    if due.takesBehind, let behind = extract(due.stage, window, .behind) {
      if new == nil { new = behind } else { new?.merge(behind) }
    }
    var content = state.held[due.stage].removeValue(forKey: window)
    if let new {
      if content == nil { content = new } else { content?.merge(new) }
    }
    guard let content, let pane = due.firing.pane else { return }
    if stage.windowing.accumulation != .discarding && !due.firing.closes {
      state.held[due.stage][window] = content
    }
    let splits = coordinator.withLock { $0.splitStatus }
    publish(
      FiredPane(
        stage: due.stage, window: window, pane: pane, content: content,
        watermark: due.watermark, splits: splits))
  }

  /// What all workers hold for the window, or `nil` if none holds anything.
  private func extract(_ stage: Int, _ window: Window, _ timing: RowTiming) -> PaneContent? {
    var merged: PaneContent?
    for worker in workers {
      let part = worker.state.withLock { $0.stages[stage].extract(window, timing) }
      guard let part else { continue }
      if merged == nil { merged = part } else { merged?.merge(part) }
    }
    return merged
  }
}
