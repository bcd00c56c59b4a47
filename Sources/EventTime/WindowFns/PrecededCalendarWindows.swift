/// Calendar windows, each together with the one before: what compares the two looks at both.
public struct PrecededCalendarWindows: WindowFn {
  public static let name = "preceded_calendar"

  public let calendar: CalendarWindows

  public init(_ calendar: CalendarWindows) { self.calendar = calendar }

  public func windows(for time: Timestamp) -> [Window] {
    let window = calendar.window(for: time)
    let before = calendar.window(for: window.start.advanced(by: .microseconds(-1)))
    let after = calendar.window(for: window.end)
    return [
      Window(start: before.start, end: window.end), Window(start: window.start, end: after.end),
    ]
  }
}
