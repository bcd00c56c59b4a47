/// A span of event time, `[start, end)`.
///
/// The global window is `[.distantPast, .distantFuture)`.
public struct Window: Hashable, Codable, Sendable, Comparable {
  public let start: Timestamp
  public let end: Timestamp

  public init(start: Timestamp, end: Timestamp) {
    precondition(start < end, "a window is not empty: [\(start), \(end))")
    self.start = start
    self.end = end
  }

  /// The window that holds all of event time.
  public static let global = Window(start: .distantPast, end: .distantFuture)

  /// The last timestamp inside the window.
  public var maxTimestamp: Timestamp { end.advanced(by: Interval(microseconds: -1)) }

  public func contains(_ time: Timestamp) -> Bool { start <= time && time < end }

  /// Whether some instant is inside both; windows that only touch do not intersect.
  public func intersects(_ other: Window) -> Bool { start < other.end && other.start < end }

  /// The smallest window that holds both.
  public func union(_ other: Window) -> Window {
    Window(start: min(start, other.start), end: max(end, other.end))
  }

  public static func < (lhs: Window, rhs: Window) -> Bool {
    (lhs.end, lhs.start) < (rhs.end, rhs.start)
  }
}

extension Window: CustomStringConvertible {
  /// `<start>--<end>`, and `global` for the global window: the name of its snapshot directory.
  public var description: String { self == .global ? "global" : "\(start)--\(end)" }
}
