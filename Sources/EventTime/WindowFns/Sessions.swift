/// Windows of activity: rows closer than `gap` share one.
///
/// Each row starts as `[time, time + gap)`; windows that intersect are merged. Rows exactly
/// `gap` apart stay in separate windows, as in Beam.
public struct Sessions: WindowFn {
  public static let name = "sessions"

  public let gap: Interval

  /// - Precondition: `gap` is positive.
  public init(gap: Interval) {
    precondition(gap > .zero, "the gap of sessions is positive, not \(gap)")
    self.gap = gap
  }

  public init(from decoder: any Decoder) throws {
    self.init(gap: try decoder.container(keyedBy: CodingKeys.self).decodePositive(.gap))
  }

  public var isMerging: Bool { true }

  /// The window of a row on its own.
  public func window(for time: Timestamp) -> Window {
    let start = min(time, Timestamp(microseconds: .max - 1))
    return Window(start: start, end: start.advanced(by: gap))
  }

  public func windows(for time: Timestamp) -> [Window] { [window(for: time)] }
}

extension Sessions {
  /// The span of length `gap` that `time` is in, counted from the epoch: what late rows are counted
  /// by, of which each would be a window of its own.
  public func span(of time: Timestamp) -> Window {
    FixedWindows(size: gap).window(for: time)
  }
}
