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

  /// - Parameters:
  ///   - stages: Those of the pipeline.
  ///   - workers: Who accumulates.
  ///   - coordinator: Who says what fires.
  ///   - journal: Where firings are noted, if the run has one.
  ///   - held: What windows hold from the start, by stage; `nil` unless a run is resumed.
  ///   - publish: Takes the panes in order of firing.
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
    let new = extract(due.stage, window, takesBehind: due.takesBehind)
    journal?.note(due)
    var held = state.held[due.stage].removeValue(forKey: window) ?? HeldWindow()
    let content = Self.merged([
      held.content.take(), due.takesBehind ? held.behind.take() : nil, new,
    ])
    defer { if !held.isEmpty { state.held[due.stage][window] = held } }
    guard let content, let pane = due.firing.pane else { return }
    if stage.windowing.accumulation != .discarding && !due.firing.closes {
      held.content.append(content, nextID: &state.nextID)
    }
    let splits = coordinator.withLock { $0.splitStatus }
    publish(
      FiredPane(
        stage: due.stage, window: window, pane: pane, content: content,
        watermark: due.watermark, splits: splits))
  }

  /// What all workers hold for the window, or `nil` if none holds anything.
  private func extract(_ stage: Int, _ window: Window, takesBehind: Bool) -> PaneContent? {
    Self.merged(
      workers.map { worker in
        worker.state.withLock { state in
          // Both under one lock: a chunk is in the pane with all its rows or with none.
          journal?.note(state.takeChunks())
          return Self.merged([
            state.stages[stage].extract(window, .onTime),
            takesBehind ? state.stages[stage].extract(window, .behind) : nil,
          ])
        }
      })
  }

  private static func merged(_ parts: [PaneContent?]) -> PaneContent? {
    var parts = parts.compactMap { $0 }
    guard !parts.isEmpty else { return nil }
    var first = parts.removeFirst()
    for part in parts { first.merge(part) }
    return first
  }
}

extension PaneCollector {
  /// Takes everything that the workers hold, so that all content is here.
  ///
  /// - Returns: All that is held.
  /// - Precondition: No chunk is in work.
  func absorb() -> State {
    state.withLock { state in
      for stage in stages.indices {
        for (window, timing, content) in takeAll(stage) {
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

  private func takeAll(_ stage: Int) -> [(window: Window, timing: RowTiming, PaneContent)] {
    var contents: [RowTiming: [Window: PaneContent]] = [:]
    for worker in workers {
      worker.state.withLock { state in
        journal?.note(state.takeChunks())
        for (window, timing) in state.stages[stage].held {
          guard let part = state.stages[stage].extract(window, timing) else { continue }
          if contents[timing]?[window]?.merge(part) == nil {
            contents[timing, default: [:]][window] = part
          }
        }
      }
    }
    return contents.flatMap { timing, windows in
      windows.sorted { $0.key < $1.key }.map { ($0.key, timing, $0.value) }
    }
  }
}
