import Dataflow
import EventTime

/// Takes the windows that fire out of the workers, merges them and hands them to the sink.
final class PaneCollector: Sendable {
  struct State: Sendable {
    /// What is held outside the workers; shape `[stages][windows]`.
    var held: [[Window: HeldWindow]]
    /// Of the next part.
    var nextID = 0
  }

  private let stages: [Stage]
  private let workers: [Worker]
  private let coordinator: Locked<Coordinator>
  private let publish: @Sendable (FiredPane) -> Void
  private let journal: RunJournal?
  private let waiting = Locked<[DueFiring]>([])
  private let state: Locked<State>

  /// `held` is what windows hold from the start: nothing unless a run is resumed.
  init(
    stages: [Stage], workers: [Worker], coordinator: Locked<Coordinator>, journal: RunJournal?,
    held: State?, publish: @escaping @Sendable (FiredPane) -> Void
  ) {
    self.stages = stages
    self.workers = workers
    self.coordinator = coordinator
    self.publish = publish
    self.journal = journal
    state = Locked(held ?? State(held: Array(repeating: [:], count: stages.count)))
  }

  /// Has the coordinator take a step and collects the panes that it announces, one after the other
  /// in the order of the steps.
  ///
  /// Who steps first queues first: the queue is written under the coordinator's lock. Else two
  /// workers could swap the panes of one window, and the first take the rows of the second.
  func collect(_ step: CoordinatorStep) {
    let isDue = coordinator.withLock { coordinator in
      let due = coordinator.take(step, notedBy: journal)
      if !due.isEmpty { waiting.withLock { $0.append(contentsOf: due) } }
      return !due.isEmpty
    }
    guard isDue else { return }
    state.withLock { state in
      while let next = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
        let new = workers.indices.map { number in
          workers[number].extract(next, isLast: number == workers.count - 1)
        }
        finish(next, PaneContent.merged(new), &state)
      }
    }
  }

  /// Merges what is new for a pane that is due with what is held, and hands it to the sink.
  func finish(_ due: DueFiring, new: PaneContent?) {
    state.withLock { finish(due, new, &$0) }
  }

  private func finish(_ due: DueFiring, _ new: PaneContent?, _ state: inout State) {
    let window = due.firing.window
    var held = state.held[due.stage].removeValue(forKey: window) ?? HeldWindow()
    let content = PaneContent.merged([
      held.content.take(), due.takesBehind ? held.behind.take() : nil, new,
    ])
    defer { if !held.isEmpty { state.held[due.stage][window] = held } }
    guard let content, let pane = due.firing.pane else { return }
    if stages[due.stage].windowing.accumulation != .discarding && !due.firing.closes {
      held.content.append(content, nextID: &state.nextID)
    }
    publish(
      FiredPane(
        stage: due.stage, window: window, pane: pane, content: content,
        watermark: due.watermark, splits: due.splits))
  }
}

extension PaneCollector {
  /// Takes everything that workers hold, so that all content is here.
  ///
  /// - Parameter others: Workers that are not this run's own.
  /// - Returns: All that is held.
  /// - Precondition: No chunk is in work.
  @discardableResult
  func absorb(from others: [Worker]? = nil) -> State {
    state.withLock { state in
      for stage in stages.indices {
        for (window, timing, content) in Self.takeAll(stage, from: others ?? workers) {
          var held = state.held[stage][window] ?? HeldWindow()
          switch timing {
          case .onTime: held.content.append(content, nextID: &state.nextID)
          case .behind: held.behind.append(content, nextID: &state.nextID)
          }
          state.held[stage][window] = held
        }
      }
      return state
    }
  }

  private static func takeAll(
    _ stage: Int, from workers: [Worker]
  ) -> [(window: Window, timing: RowTiming, PaneContent)] {
    var contents: [RowTiming: [Window: PaneContent]] = [:]
    for worker in workers {
      worker.state.withLock { state in
        for (window, timing, part) in state.stages[stage].extractAll() {
          let held = contents[timing]?.removeValue(forKey: window)
          contents[timing, default: [:]][window] = PaneContent.merged([held, part])
        }
      }
    }
    return contents.flatMap { timing, windows in
      windows.sorted { $0.key < $1.key }.map { ($0.key, timing, $0.value) }
    }
  }
}
