/// Windows of one size, side by side: `[offset + k·size, offset + (k + 1)·size)`.
public struct FixedWindows: WindowFn {
  public static let name = "fixed"

  public let size: Interval
  /// In `0 ..< size`; an offset outside it is taken modulo `size`.
  public let offset: Interval

  /// - Precondition: `size` is positive.
  public init(size: Interval, offset: Interval = .zero) {
    precondition(size > .zero, "the size of fixed windows is positive, not \(size)")
    self.size = size
    self.offset = Interval(
      microseconds: floorDivide(offset.microseconds, by: size.microseconds).remainder)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let size = try container.decodePositive(.size)
    self.init(size: size, offset: try container.decode(Interval.self, forKey: .offset))
  }

  /// The start of the window that holds `micros`, microseconds since the epoch.
  ///
  /// Rounds towards the past for negative times too, and saturates at `Int64.min`. Does not
  /// allocate: this is the form for loops over rows.
  public func start(for micros: Int64) -> Int64 {
    let (start, overflow) = micros.subtractingReportingOverflow(position(of: micros))
    return overflow ? .min : start
  }

  /// The window that holds `time`.
  ///
  /// Ends at `.distantFuture` if the true end is beyond it; a row at `.distantFuture` itself is
  /// put into that last window.
  public func window(for time: Timestamp) -> Window {
    let micros = min(time.microseconds, .max - 1)
    let rest = size.microseconds - position(of: micros)
    return Window(
      start: Timestamp(microseconds: start(for: micros)),
      end: Timestamp(microseconds: micros).advanced(by: Interval(microseconds: rest)))
  }

  public func windows(for time: Timestamp) -> [Window] { [window(for: time)] }

  /// How far into its window `micros` is, in `0 ..< size`.
  private func position(of micros: Int64) -> Int64 {
    let size = size.microseconds
    let remainder = micros % size
    // Both are in (−size, size): neither step can overflow.
    let position = (remainder < 0 ? remainder + size : remainder) - offset.microseconds
    return position < 0 ? position + size : position
  }
}
