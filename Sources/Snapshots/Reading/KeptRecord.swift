public import EventTime
import FileIO
import Formats
import Foundation

/// A record that a run has set aside: a dead letter, or a late row that the job keeps.
public struct KeptRecord: Hashable, Sendable {
  /// Where it was read; no two records of a run have the same.
  public struct Place: Hashable, Sendable {
    public var split: String
    public var offset: Int

    public init(split: String, offset: Int) {
      self.split = split
      self.offset = offset
    }
  }

  public var place: Place
  public var reason: String
  /// If it is known.
  public var eventTime: Timestamp?
  /// As it was read, without the line end.
  public var bytes: [UInt8]

  public init(place: Place, reason: String, eventTime: Timestamp?, bytes: [UInt8]) {
    self.place = place
    self.reason = reason
    self.eventTime = eventTime
    self.bytes = bytes
  }

  /// The text, if it is UTF-8.
  public var text: String? { String(validating: bytes, as: UTF8.self) }

  /// A line of the file.
  ///
  /// - Throws: `SnapshotError` if it is none.
  init(line: [UInt8], at path: String, number: Int) throws {
    func broken(_ reason: String) -> SnapshotError {
      SnapshotError("\(path):\(number)", "is no line of dead letters: \(reason)")
    }
    guard let json = try? JSONValue(parsing: line) else { throw broken("not JSON") }
    guard let split = json["split"]?.string, let offset = json["offset"]?.integer,
      let reason = json["reason"]?.string
    else { throw broken("it lacks split, offset or reason") }
    place = Place(split: split, offset: Int(offset))
    self.reason = reason
    if let time = json["event_time"]?.string { eventTime = Timestamp(rfc3339: time) }
    switch (json["text"]?.string, json["base64"]?.string) {
    case (let text?, _): bytes = Array(text.utf8)
    case (nil, let encoded?):
      guard let data = Data(base64Encoded: encoded) else { throw broken("base64 is damaged") }
      bytes = Array(data)
    default: throw broken("it lacks text or base64")
    }
  }

  /// All that the file at `path` holds, in order; what a crash has cut short at its end is left out.
  public static func read(_ path: String) throws -> [KeptRecord] {
    let content = try FileSystem.contents(of: path)
    var lines = content.split(separator: 0x0A, omittingEmptySubsequences: false)
    _ = lines.popLast()
    return try lines.enumerated().map {
      try KeptRecord(line: Array($1), at: path, number: $0 + 1)
    }
  }

  /// The file of dead letters (or of late rows) of the output directory `path`, or `path` itself.
  public static func file(at path: String, late: Bool) throws -> String {
    guard try FileSystem.kind(of: path) == .directory else { return path }
    let name =
      late
      ? "\(SnapshotPath.lateRows)/late_rows.jsonl"
      : "\(SnapshotPath.deadLetters)/dead_letters.jsonl"
    let file = "\(path)/\(name)"
    guard try FileSystem.kind(of: file) != nil else {
      throw SnapshotError(
        path,
        "holds no \(name): \(late ? "no row was kept as late" : "no record was refused")"
          + "; give the file itself if it lies elsewhere")
    }
    return file
  }
}
