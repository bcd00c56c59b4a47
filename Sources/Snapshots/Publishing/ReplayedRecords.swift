import FileIO
import Formats

/// Which records that were set aside have been written out as input again; beside their file.
///
/// Each is written once, whatever happens in between. A line is added before the new file appears and
/// one after. If only the first is there, the file's temporary name tells: it was durable before the
/// line, so if it is gone, the file had got its name.
///
/// | key | value |
/// |---|---|
/// | `file`, `staged` | where they were written, and under which name before |
/// | `records` | offsets by split |
/// | `done` | in the second line: the number of the first, from 0 |
public struct ReplayedRecords: ~Copyable {
  private let lock: FileLock
  private var log: AppendLog
  private var lineCount: Int
  /// Those that have been written.
  public private(set) var places: Set<KeptRecord.Place>

  /// Of the file of dead letters at `file`.
  ///
  /// - Throws: `FileIOError`, `alreadyExists` if another process is at it.
  public init(besides file: String) throws {
    let path = file + ".replayed"
    // Of a topic nothing may be there yet.
    try FileSystem.makeDirectories(Self.parent(of: file))
    let lock = try FileLock(path: path + ".lock")
    // Opening it cuts off what a crash has left unfinished.
    _ = try AppendLog(path: path)
    let places = try Self.read(besides: file)
    let lineCount = try FileSystem.contents(of: path).count { $0 == 0x0A }
    log = try AppendLog(path: path)
    self.lock = lock
    self.places = places
    self.lineCount = lineCount
  }

  /// The same without taking the lock, to look at.
  public static func read(besides file: String) throws -> Set<KeptRecord.Place> {
    let path = file + ".replayed"
    guard try FileSystem.kind(of: path) != nil else { return [] }
    var begun: [Int: JSONValue] = [:]
    var done: Set<Int> = []
    let lines = try FileSystem.contents(of: path)
      .split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
    for (number, line) in lines.enumerated() {
      let json = try JSONValue(parsing: Array(line))
      if let first = json["done"]?.integer { done.insert(Int(first)) } else { begun[number] = json }
    }
    var places: Set<KeptRecord.Place> = []
    for (number, json) in begun {
      guard let staged = json["staged"]?.string,
        case .object(let splits)? = json["records"]
      else { throw SnapshotError("\(path):\(number + 1)", "is not a line of this file") }
      if try !done.contains(number) && FileSystem.kind(of: staged) != nil { continue }
      for split in splits.members {
        for offset in split.value.array ?? [] {
          places.insert(
            KeptRecord.Place(split: split.key, offset: Int(offset.integer ?? -1)))
        }
      }
    }
    return places
  }

  /// Writes `content`, made of the records at `places`, as a new file, and takes note of them.
  ///
  /// - Throws: `FileIOError`, `alreadyExists` if there is a file.
  public mutating func write(
    _ content: [UInt8], of places: [KeptRecord.Place], to file: String, attempt: String
  ) throws {
    guard try FileSystem.kind(of: file) == nil else {
      throw FileIOError(
        .alreadyExists, path: file, cause: "there is a file already", remedy: "give another name")
    }
    let staged = "\(file).limno-staged-\(attempt)"
    try FileSystem.write(content, toNew: staged)
    try FileSystem.synchronizeDirectory(Self.parent(of: file))
    let number = lineCount
    try append { writer in
      writer.member("file", file)
      writer.member("staged", staged)
      writer.key("records")
      writer.beginObject()
      let splits = Dictionary(grouping: places, by: \.split)
      for (split, places) in splits.sorted(by: { $0.key < $1.key }) {
        writer.key(split)
        writer.beginArray()
        for place in places { writer.value(place.offset) }
        writer.endArray()
      }
      writer.endObject()
    }
    try FileSystem.move(staged, to: file)
    try FileSystem.synchronizeDirectory(Self.parent(of: file))
    try append { $0.member("done", number) }
    self.places.formUnion(places)
  }

  private mutating func append(_ body: (inout JSONWriter) -> Void) throws(FileIOError) {
    var writer = JSONWriter()
    writer.beginObject()
    body(&writer)
    writer.endObject()
    try log.append([writer.bytes])
    lineCount += 1
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
