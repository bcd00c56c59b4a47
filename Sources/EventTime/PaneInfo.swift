/// When a pane fired, relative to the end of its window.
public enum PaneTiming: String, Hashable, Codable, Sendable {
  case early, onTime = "on_time", late
}

/// Which firing of a window a pane is.
public struct PaneInfo: Hashable, Codable, Sendable {
  /// `0, 1, 2, …` in order of firing.
  public var index: Int
  /// The same, not counting early panes; `nil` for an early pane.
  public var nonSpeculativeIndex: Int?
  public var timing: PaneTiming
  public var isFirst: Bool
  public var isLast: Bool

  public init(
    index: Int, nonSpeculativeIndex: Int?, timing: PaneTiming, isFirst: Bool, isLast: Bool
  ) {
    self.index = index
    self.nonSpeculativeIndex = nonSpeculativeIndex
    self.timing = timing
    self.isFirst = isFirst
    self.isLast = isLast
  }
}
