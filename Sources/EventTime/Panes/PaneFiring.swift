/// What happens to the content of one window: it is published, or dropped, or both.
public struct PaneFiring: Hashable, Sendable {
  public var window: Window
  /// Windows (sessions) whose content belongs to ``window`` from now on; ascending.
  ///
  /// Lists every window that rows were added to, or that fired, since ``window`` was last
  /// reported; empty unless the window function merges.
  public var mergedFrom: [Window]
  /// The pane to publish; `nil` if the window only closes.
  public var pane: PaneInfo?
  /// Rows since the previous pane.
  public var rowCount: Int
  /// The panes that this one replaces (accumulating, retracting); several after a merge.
  public var supersedes: [PaneReference]
  /// Whether the content can be dropped after this: the window takes no more rows.
  public var closes: Bool
  /// The event time of the pane as a row, by the timestamp combiner.
  public var timestamp: Timestamp
}

/// Names one pane of one key.
public struct PaneReference: Hashable, Codable, Sendable {
  public var window: Window
  public var index: Int

  public init(window: Window, index: Int) {
    self.window = window
    self.index = index
  }
}

/// A window that still takes rows, for people to look at.
public struct OpenWindow: Hashable, Sendable {
  public var window: Window
  /// Rows that no pane has shown yet.
  public var rowsWaiting: Int
  public var lastPane: PaneInfo?
  /// The watermark at which the window closes.
  public var closingTime: Timestamp
  /// What would fire the next pane, in words.
  public var firesWhen: String
}
