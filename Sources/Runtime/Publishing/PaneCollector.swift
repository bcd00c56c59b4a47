import Accumulators
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
  /// Whether content comes from the coordinator's label join, and not from the workers.
  private let isJoined: Bool
  private let spilling: Spilling?
  private let workers: [Worker]
  private let coordinator: Locked<Coordinator>
  private let publish: @Sendable (FiredPane) -> Void
  private let journal: RunJournal?
  private let waiting = Locked<[DueFiring]>([])
  private let state: Locked<State>

  /// `held` is what windows hold from the start.
  init(
    stages: [Stage], workers: [Worker], coordinator: Locked<Coordinator>, journal: RunJournal?,
    held: State, isJoined: Bool = false, spilling: Spilling? = nil,
    publish: @escaping @Sendable (FiredPane) -> Void
  ) {
    self.stages = stages
    self.isJoined = isJoined
    self.spilling = spilling
    self.workers = workers
    self.coordinator = coordinator
    self.publish = publish
    self.journal = journal
    state = Locked(held)
  }

  /// What is held before the first row of `pipeline`.
  static func start(of pipeline: Pipeline) -> State {
    var state = State(held: pipeline.stages.map { HeldStage($0) })
    for start in pipeline.start {
      let slot = RowSlot(key: [], window: start.window, release: .distantPast)
      state.held[start.stage].append(start.content, to: slot, nextID: &state.nextID)
    }
    return state
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
        guard !isJoined else {
          finish(next, next.content, &state)
          continue
        }
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
    guard var content = PaneContent.merged([held, new]), let pane = due.firing.pane else { return }
    if let settle = stages[due.stage].settle { content = settle(content) }
    if let spilling, content.spillableByteCount > spilling.budget {
      content.spill(to: spilling.store)
    }
    if stages[due.stage].windowing.accumulation != .discarding && !due.firing.closes {
      let slot = RowSlot(key: due.key, window: window, release: .distantPast)
      state.held[due.stage].append(content, to: slot, nextID: &state.nextID)
      spill(&state)
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
  /// Bytes held outside the workers, by stage.
  var heldByteCounts: [Int] { state.withLock { $0.held.map(\.byteCount) } }

  /// Takes everything that workers hold, so that all content is here.
  ///
  /// - Parameter others: Workers that are not this run's own.
  /// - Returns: All that is held.
  /// - Precondition: No chunk is in work.
  @discardableResult
  func absorb(from others: [Worker]? = nil) -> State {
    state.withLock { state in
      for stage in stages.indices {
        let contents =
          isJoined
          ? coordinator.withLock { $0.takeJoined(stage: stage) }
          : Self.takeAll(stage, from: others ?? workers)
        for (slot, content) in contents {
          state.held[stage].append(content, to: slot, nextID: &state.nextID)
        }
      }
      spill(&state)
      return state
    }
  }

  /// Puts away what is held and can be outside of memory, if it is over the budget.
  private func spill(_ state: inout State) {
    guard let spilling,
      state.held.reduce(0, { $0 + $1.spillableByteCount }) > spilling.budget
    else { return }
    for stage in state.held.indices { state.held[stage].spill(to: spilling.store) }
  }

  /// A number that no part has.
  func takeID() -> Int {
    state.withLock { state in
      defer { state.nextID += 1 }
      return state.nextID
    }
  }

  private static func takeAll(
    _ stage: Int, from workers: [Worker]
  ) -> [(slot: RowSlot, content: PaneContent)] {
    var contents: [(slot: RowSlot, content: PaneContent)] = []
    for worker in workers {
      let part = worker.state.withLock { $0.stages[stage].extractAll() }
      contents = contents.isEmpty ? part : merged(contents, part)
    }
    return contents
  }

  /// What two lists hold, both by ascending slot.
  private static func merged(
    _ ones: [(slot: RowSlot, content: PaneContent)],
    _ others: [(slot: RowSlot, content: PaneContent)]
  ) -> [(slot: RowSlot, content: PaneContent)] {
    var result: [(slot: RowSlot, content: PaneContent)] = []
    result.reserveCapacity(ones.count + others.count)
    var next = ones.startIndex
    for other in others {
      while next < ones.endIndex, ones[next].slot < other.slot {
        result.append(ones[next])
        next += 1
      }
      if next < ones.endIndex, ones[next].slot == other.slot {
        result.append(ones[next])
        result[result.count - 1].content.merge(other.content)
        next += 1
      } else {
        result.append(other)
      }
    }
    return result + ones[next...]
  }
}
