/// The window functions that are built in.
public enum WindowFnCatalog {
  public static let all: [any WindowFn.Type] = [
    FixedWindows.self, SlidingWindows.self, Sessions.self, GlobalWindows.self,
    CalendarWindows.self, PrecededCalendarWindows.self,
  ]

  /// The built-in window function called `name` in job files, or `nil`.
  public static func type(named name: String) -> (any WindowFn.Type)? {
    all.first { $0.name == name }
  }
}
