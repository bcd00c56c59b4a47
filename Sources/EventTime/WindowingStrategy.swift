/// How a pane relates to the panes of the same window before it.
public enum AccumulationMode: String, Hashable, Codable, Sendable {
  /// Holds the rows since the previous pane.
  case discarding
  /// Holds all rows of the window so far, and replaces the previous pane.
  case accumulating
  /// Accumulating; also carries what it replaces, so that consumers can subtract it.
  case retracting
}

/// Whether a pane without new rows is emitted.
public enum EmptyPaneBehavior: String, Hashable, Codable, Sendable {
  case always
  case nonEmpty = "non_empty"
}

/// Everything that decides which panes a window yields, and when.
public struct WindowingStrategy: Hashable, Sendable {
  public var windowFn: any WindowFn
  public var trigger: Trigger
  /// How long after a window's end (in event time) rows for it are still taken; not negative.
  public var allowedLateness: Interval
  public var accumulation: AccumulationMode
  public var timestampCombiner: TimestampCombiner
  /// Whether the pane at the closing of a window is emitted without new rows.
  public var closingBehavior: EmptyPaneBehavior
  /// Whether the pane at the end of a window is emitted without new rows.
  public var onTimeBehavior: EmptyPaneBehavior

  /// The defaults are Beam's, except that panes accumulate and late rows are not taken.
  ///
  /// - Precondition: `allowedLateness` is not negative.
  public init(
    windowFn: any WindowFn, trigger: Trigger = .default, allowedLateness: Interval = .zero,
    accumulation: AccumulationMode = .accumulating,
    timestampCombiner: TimestampCombiner = .endOfWindow,
    closingBehavior: EmptyPaneBehavior = .nonEmpty, onTimeBehavior: EmptyPaneBehavior = .always
  ) {
    precondition(allowedLateness >= .zero, "allowed lateness \(allowedLateness) is negative")
    self.windowFn = windowFn
    self.trigger = trigger
    self.allowedLateness = allowedLateness
    self.accumulation = accumulation
    self.timestampCombiner = timestampCombiner
    self.closingBehavior = closingBehavior
    self.onTimeBehavior = onTimeBehavior
  }

  /// The watermark from which on rows for `window` are late and its state is dropped.
  ///
  /// Saturates, so the global window closes when the watermark reaches `.distantFuture`.
  public func closingTime(of window: Window) -> Timestamp {
    window.end.advanced(by: allowedLateness)
  }

  /// Whether rows may be lost because the trigger can finish before its window closes.
  ///
  /// Source: Beam's `GroupByKey.triggerIsSafe`, negated: a trigger that ends at the watermark is
  /// harmless when no lateness is allowed.
  public var mayLoseRows: Bool {
    if case .afterWatermark(_, late: nil) = trigger { return allowedLateness > .zero }
    return trigger.mayFinish
  }

  /// Whether a window without end shows its whole content again and again: what it holds, a program
  /// that runs for ever must hold.
  ///
  /// So for the global window, unless it discards or its trigger waits for the end of time.
  public var growsWithoutEnd: Bool {
    guard windowFn is GlobalWindows, accumulation != .discarding else { return false }
    switch trigger {
    case .default, .never, .afterWatermark(early: nil, _): return false
    default: return true
    }
  }

  public static func == (lhs: WindowingStrategy, rhs: WindowingStrategy) -> Bool {
    AnyHashable(lhs.windowFn) == AnyHashable(rhs.windowFn) && lhs.trigger == rhs.trigger
      && lhs.allowedLateness == rhs.allowedLateness && lhs.accumulation == rhs.accumulation
      && lhs.timestampCombiner == rhs.timestampCombiner
      && lhs.closingBehavior == rhs.closingBehavior && lhs.onTimeBehavior == rhs.onTimeBehavior
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(AnyHashable(windowFn))
    hasher.combine(trigger)
    hasher.combine(allowedLateness)
    hasher.combine(accumulation)
    hasher.combine(timestampCombiner)
    hasher.combine(closingBehavior)
    hasher.combine(onTimeBehavior)
  }
}
