import EventTime
import FileIO

/// Reads `calendar: { days: 1, time_zone: Europe/Berlin }`.
enum CalendarParser {
  private static let units: [(key: String, unit: CalendarWindows.Unit)] = [
    ("days", .day), ("weeks", .week), ("months", .month), ("years", .year),
  ]

  static func windows(
    _ node: ConfigurationNode, offset: ConfigurationNode?
  ) throws(ConfigurationError) -> CalendarWindows {
    let block = try node.mapping(units.map(\.key) + ["time_zone"])
    let given = units.compactMap { entry in block[entry.key].map { (entry.unit, $0) } }
    guard let (unit, value) = given.first, given.count == 1 else {
      throw node.error("give one of \(units.map(\.key).joined(separator: ", "))")
    }
    let count = try value.integer(1...Int.max)
    guard count <= 10_000 else { throw value.error("expected at most 10000, found \(count)") }
    let shift = try offset?.interval() ?? .zero
    if let offset, shift >= .days(366) { throw offset.error("expected less than 366 days") }
    return CalendarWindows(
      count: count, unit: unit, offset: shift,
      timeZone: try block["time_zone"].mapOrThrow(timeZone) ?? .utc)
  }

  private static func timeZone(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> TimeZoneRules {
    let name = try node.string()
    guard name != "UTC" else { return .utc }
    let database = TimeZoneDatabase(directory: node.file.environment["TZDIR"])
    do {
      if let zone = try database.zone(named: name) { return zone }
    } catch {
      throw node.error("time zone '\(name)': \(error)")
    }
    guard let names = database.names else {
      throw node.error(
        "time zone '\(name)': there is no time zone database in \(database.directory); install "
          + "the package tzdata, or set TZDIR")
    }
    throw node.error("unknown time zone '\(name)'\(suggestion(for: name, among: names))")
  }
}

/// The system's time zone files.
struct TimeZoneDatabase {
  let directory: String

  init(directory: String?) { self.directory = directory ?? "/usr/share/zoneinfo" }

  /// The zone, or `nil` when there is none of that name.
  ///
  /// - Throws: `FileIOError` or `TimeZoneError` for a file that cannot be read.
  func zone(named name: String) throws -> TimeZoneRules? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ $0.first?.isLetter ?? false }) else { return nil }
    let path = "\(directory)/\(name)"
    guard try FileSystem.kind(of: path) == .file else { return nil }
    return try TimeZoneRules(name: name, tzif: try FileSystem.contents(of: path))
  }

  /// The names of all zones, or `nil` when there is no database.
  var names: [String]? {
    guard let found = try? FileSystem.names(in: directory) else { return nil }
    return found.flatMap { name in
      guard name.first?.isUppercase ?? false else { return [String]() }
      let inner = (try? FileSystem.names(in: "\(directory)/\(name)")) ?? []
      return inner.isEmpty ? [name] : inner.map { "\(name)/\($0)" }
    }
  }
}
