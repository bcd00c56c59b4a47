/// What the pane machine knows of one window.
struct WindowState: Hashable, Codable, Sendable {
  var trigger: TriggerState
  /// Rows since the last pane.
  var rows = 0
  var lastPane: PaneInfo?
  /// Holds the output watermark for rows of the next pane.
  var elementHold: Timestamp?
  /// Holds it for the last pane a window may yet emit.
  var closingHold: Timestamp?
  /// The watermark at which the machine looks at the window again.
  var eventTimer: Timestamp?
  /// The processing time after which it does.
  var processingTimer: Timestamp?
  var mergedFrom: [Window] = []
  var supersedes: [PaneReference] = []

  init(trigger: TriggerState) { self.trigger = trigger }

  var hold: Timestamp? {
    guard let elementHold else { return closingHold }
    return min(elementHold, closingHold ?? elementHold)
  }

  /// Forgets all but that the trigger has finished.
  mutating func close(initial: TriggerState) {
    var closed = WindowState(trigger: initial)
    closed.trigger.finished = trigger.finished
    closed.eventTimer = eventTimer
    self = closed
  }
}
