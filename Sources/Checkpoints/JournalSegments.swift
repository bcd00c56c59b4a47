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

  /// Goes on behind the last whole frame; what follows it is cut off.
  ///
  /// - Parameter position: Where the checkpoint that the run goes on from stood.
  /// - Returns: The frames since then.
  /// - Throws: `FileIOError`, `truncated` if the journal is shorter than it was.
  mutating func resume(at position: CheckpointManifest.JournalPosition) throws -> [[UInt8]] {
    var later: [[UInt8]] = []
    var isWhole = true
    file = position.file
    byteCount = position.byteCount
    for name in try FileSystem.names(in: directory) where name >= position.file {
      let path = "\(directory)/\(name)"
      guard isWhole else {
        try FileSystem.removeTree(path)
        continue
      }
      let start = name == position.file ? position.byteCount : 0
      let (payloads, end) = try FrameLog.read(path: path, from: start)
      isWhole = try FileSystem.size(of: path) == end
      later += payloads
      file = name
      byteCount = end
      _ = try FrameLog(path: path, cutTo: end)
    }
    return later
  }

  private func removeOldest() throws {
    var total = 0
    for name in try FileSystem.names(in: directory).reversed() {
      total += try FileSystem.size(of: "\(directory)/\(name)")
      if total > Self.limit { try FileSystem.removeTree("\(directory)/\(name)") }
    }
  }

  static func name(of number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".log"
  }
}
