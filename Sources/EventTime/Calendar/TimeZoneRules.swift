/// How far local time is ahead of UTC, over all of time.
///
/// Read from the bytes of a TZif file (`/usr/share/zoneinfo/Europe/Berlin`), which the caller
/// supplies: this library opens no files. Source of the format: RFC 9636.
public struct TimeZoneRules: Hashable, Codable, Sendable {
  /// As in `Europe/Berlin`.
  public let name: String
  /// Seconds since the epoch at which the offset changes, ascending.
  private let transitions: [Int64]
  /// Seconds east of Greenwich: before the first transition, then from each on.
  private let offsets: [Int64]
  /// What holds after the last transition; `nil`: its offset, for ever.
  private let rule: DaylightRule?

  public static let utc = TimeZoneRules(name: "UTC", fixedOffset: .zero)

  /// A zone that is always `fixedOffset`, cut to whole seconds, ahead of UTC.
  public init(name: String, fixedOffset: Interval) {
    self.name = name
    transitions = []
    offsets = [fixedOffset.microseconds / 1_000_000]
    rule = nil
  }

  /// The zone that a TZif file of version 1 to 4 describes.
  ///
  /// - Throws: ``TimeZoneError`` if the bytes are not such a file, or end early.
  public init(name: String, tzif bytes: [UInt8]) throws(TimeZoneError) {
    var reader = TZifReader(bytes: bytes)
    let data = try reader.read()
    self.name = name
    transitions = data.transitions
    offsets = data.offsets
    rule = data.rule
  }

  /// Seconds east of Greenwich at `seconds` since the epoch.
  func offset(at seconds: Int64) -> Int64 {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    if low == transitions.count, let rule { return rule.offset(at: seconds) }
    return offsets[low]
  }

  /// The instant at which clocks show `local`, microseconds of local time since 1970.
  ///
  /// Where clocks are turned back and show it twice, the first; where they are turned forward
  /// and never show it, the instant it would have been without the change.
  func instant(ofLocal local: Int64) -> Int64 {
    let seconds = floorDivide(local, by: 1_000_000).quotient
    // No offset is as much as a day: whatever holds a day earlier held before any change nearby.
    let before = offset(at: seconds - 86400)
    let after = offset(at: seconds + 86400)
    for candidate in [max(before, after), min(before, after)]
    where offset(at: seconds - candidate) == candidate {
      return local - candidate * 1_000_000
    }
    return local - before * 1_000_000
  }
}

/// Bytes that are not a time zone.
public struct TimeZoneError: Error, Hashable, CustomStringConvertible {
  public var reason: String
  /// In the file.
  public var offset: Int

  public var description: String { "time zone file, byte \(offset): \(reason)" }
}
