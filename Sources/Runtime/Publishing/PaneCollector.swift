import Dataflow
import EventTime

/// Takes the windows that fire out of the workers, merges them and hands them to the sink.
final class PaneCollector: Sendable {
  struct State: Sendable {
    /// What is held outside the workers, by stage.
    var held: [HeldStage]
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
    state = Locked(held ?? State(held: stages.map { HeldStage($0) }))
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
    let held = state.held[due.stage].take(window, of: due.key, upTo: due.horizon)
    guard let content = PaneContent.merged([held, new]), let pane = due.firing.pane else { return }
    if stages[due.stage].windowing.accumulation != .discarding && !due.firing.closes {
      let slot = RowSlot(key: due.key, window: window, release: .distantPast)
      state.held[due.stage].append(content, to: slot, nextID: &state.nextID)
    }
    var fired = FiredPane(
      stage: due.stage, window: window, pane: pane, content: content,
      watermark: due.watermark, splits: due.splits)
    fired.key = due.key
    fired.merged = due.firing.supersedes.filter { $0.window != window }
    publish(fired)
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
        for (slot, content) in Self.takeAll(stage, from: others ?? workers) {
          state.held[stage].append(content, to: slot, nextID: &state.nextID)
        }
      }
      return state
    }
  }

  private static func takeAll(
    _ stage: Int, from workers: [Worker]
  ) -> [(slot: RowSlot, content: PaneContent)] {
    var contents: [RowSlot: PaneContent] = [:]
    for worker in workers {
      worker.state.withLock { state in
        for (slot, part) in state.stages[stage].extractAll() {
          contents[slot] = PaneContent.merged([contents.removeValue(forKey: slot), part])
        }
      }
    }
    return contents.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
