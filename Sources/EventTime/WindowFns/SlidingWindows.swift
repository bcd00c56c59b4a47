/// Windows of one size that start every period: `[offset + k·period, offset + k·period + size)`.
///
/// With a period longer than the size some times are in no window.
public struct SlidingWindows: WindowFn {
  public static let name = "sliding"

  public let size: Interval
  public let period: Interval
  /// In `0 ..< period`; an offset outside it is taken modulo `period`.
  public let offset: Interval

  /// - Precondition: `size` and `period` are positive.
  public init(size: Interval, period: Interval, offset: Interval = .zero) {
    precondition(size > .zero, "the size of sliding windows is positive, not \(size)")
    precondition(period > .zero, "the period of sliding windows is positive, not \(period)")
    self.size = size
    self.period = period
    self.offset = Interval(
      microseconds: floorDivide(offset.microseconds, by: period.microseconds).remainder)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let size = try container.decodePositive(.size)
    let period = try container.decodePositive(.period)
    self.init(
      size: size, period: period, offset: try container.decode(Interval.self, forKey: .offset))
  }

  /// The windows that slices of time `period` long can be merged into.
  ///
  /// When `size` is a multiple of `period`, each window is a whole number of these slices, so
  /// overlapping windows can share one accumulator a slice.
  public var slices: FixedWindows? {
    guard size.microseconds % period.microseconds == 0 else { return nil }
    return FixedWindows(size: period, offset: offset)
  }

  public func windows(for time: Timestamp) -> [Window] {
    let time = min(time, Timestamp(microseconds: .max - 1))
    var start = FixedWindows(size: period, offset: offset).start(for: time.microseconds)
    var windows: [Window] = []
    while true {
      let begin = Timestamp(microseconds: start)
      let end = begin.advanced(by: size)
      guard end > time else { break }
      windows.append(Window(start: begin, end: end))
      let (previous, overflow) = start.subtractingReportingOverflow(period.microseconds)
      guard !overflow else { break }
      start = previous
    }
    return windows.reversed()
  }
}
