import EventTime

extension StageProgress {
  /// All that is known of a stage's windows, for checkpoints.
  struct State: Hashable, Codable, Sendable {
    struct Count: Hashable, Codable, Sendable {
      var window: Window
      var rows: Int
    }

    var machine: PaneMachine.State
    var watermark: Timestamp
    /// Rows behind that the machine has not been told of.
    var waiting: [Count]
    var hasBehind: [Window]
    var open: [Window]
    var refused: [Count]
  }

  var state: State {
    State(
      machine: machine.state, watermark: watermark, waiting: Self.counts(waiting),
      hasBehind: hasBehind.sorted(), open: open.sorted(), refused: Self.counts(refused))
  }

  /// Resumes with the windowing the state was made with.
  init(_ windowing: WindowingStrategy, restoring state: State) {
    self.init(PaneMachine(windowing, restoring: state.machine))
    watermark = state.watermark
    waiting = Self.rows(state.waiting)
    hasBehind = Set(state.hasBehind)
    open = Set(state.open)
    refused = Self.rows(state.refused)
  }

  private static func counts(_ rows: [Window: Int]) -> [State.Count] {
    rows.map { State.Count(window: $0.key, rows: $0.value) }.sorted { $0.window < $1.window }
  }

  private static func rows(_ counts: [State.Count]) -> [Window: Int] {
    Dictionary(uniqueKeysWithValues: counts.map { ($0.window, $0.rows) })
  }
}
