import FileIO

/// The journal of a run, as files that are begun anew when they have grown.
///
/// Together they hold what happened from the first record kept; the oldest are removed when all
/// are larger than `limit`.
struct JournalSegments {
  private static let segmentByteCount = 16 << 20
  private static let limit = 1 << 30

  private let directory: String
  private var file: String?
  private var byteCount = 0

  init(path: String) { directory = path + "/journal" }

  /// Appends the records that come before checkpoint `number`; durable on return.
  ///
  /// - Returns: Where the journal stands after them.
  mutating func append(
    _ records: [UInt8], before number: Int
  ) throws -> CheckpointManifest.JournalPosition {
    if byteCount > Self.segmentByteCount {
      file = nil
      try removeOldest()
    }
    let name = file ?? Self.name(of: number)
    let isNew = file == nil
    if isNew { byteCount = 0 }
    if isNew || !records.isEmpty {
      var log = try FrameLog(path: "\(directory)/\(name)", cutTo: byteCount)
      if !records.isEmpty { try log.append(records) }
      byteCount = log.byteCount
    }
    file = name
    return CheckpointManifest.JournalPosition(file: name, byteCount: byteCount)
  }

  /// Goes on where a checkpoint's journal stood; what follows is cut off.
  mutating func resume(at position: CheckpointManifest.JournalPosition) throws {
    for name in try FileSystem.names(in: directory) where name > position.file {
      try FileSystem.removeTree("\(directory)/\(name)")
    }
    file = position.file
    byteCount = position.byteCount
    _ = try FrameLog(path: "\(directory)/\(position.file)", cutTo: byteCount)
  }

  private func removeOldest() throws {
    var total = 0
    for name in try FileSystem.names(in: directory).reversed() {
      total += try FileSystem.size(of: "\(directory)/\(name)")
      if total > Self.limit { try FileSystem.removeTree("\(directory)/\(name)") }
    }
  }

  private static func name(of number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".log"
  }
}
