import ByteCoding
import Dataflow
import FileIO
import Synchronization

/// Where each part of a checkpoint lies: a table of files, then entries of parts.
///
/// | bytes | meaning |
/// |---|---|
/// | varint | files; each varint length, name |
/// | varint | parts; each varint id, file, offset, length |
struct PartIndex {
  struct Place: Hashable {
    var file: String
    var bytes: Range<Int>
  }

  var places: [Int: Place] = [:]

  func encoded() -> [UInt8] {
    let files = Set(places.values.map(\.file)).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: files.enumerated().map { ($1, $0) })
    var writer = ByteWriter()
    writer.append(varint: UInt64(files.count))
    for file in files { writer.append(lengthPrefixed: file.utf8) }
    writer.append(varint: UInt64(places.count))
    for (id, place) in places.sorted(by: { $0.key < $1.key }) {
      writer.append(varint: UInt64(id))
      writer.append(varint: UInt64(numbers[place.file] ?? 0))
      writer.append(varint: UInt64(place.bytes.lowerBound))
      writer.append(varint: UInt64(place.bytes.count))
    }
    return writer.bytes
  }

  init() {}

  init(_ bytes: [UInt8]) throws(ByteCodingError) {
    var reader = ByteReader(bytes)
    var files: [String] = []
    for _ in 0..<(try Self.count(&reader)) {
      files.append(String(decoding: try reader.readLengthPrefixed(), as: UTF8.self))
    }
    for _ in 0..<(try Self.count(&reader)) {
      let id = try Self.count(&reader)
      let file = try Self.count(&reader)
      let start = try Self.count(&reader)
      let end = start + (try Self.count(&reader))
      guard files.indices.contains(file) else {
        throw ByteCodingError("no file \(file)", at: reader.offset)
      }
      places[id] = Place(file: files[file], bytes: start..<end)
    }
  }

  private static func count(_ reader: inout ByteReader) throws(ByteCodingError) -> Int {
    let count = try reader.readVarint()
    guard count < 1 << 48 else { throw ByteCodingError("count \(count)", at: reader.offset) }
    return Int(count)
  }
}

/// Writes the blocks of one checkpoint into its directory, before it has its name.
struct BlockWriter {
  let directory: String
  let attempt: String
  private(set) var files: [String: CheckpointManifest.File] = [:]

  init(directory: String, attempt: String) {
    self.directory = directory
    self.attempt = attempt
  }

  /// Writes `bytes` as a file of one LZ4 frame.
  mutating func write(_ bytes: [UInt8], as name: String) throws(FileIOError) {
    let frame = LZ4Frame.compress(bytes)
    try FileSystem.write(frame, toNew: directory + "/" + name)
    files[name] = CheckpointManifest.File(byteCount: frame.count, digest: ContentDigest.hex(frame))
  }

  /// Writes contents as one file, each as LZ4 frames.
  ///
  /// - Returns: Where each lies, by its id.
  mutating func write(
    _ parts: [Checkpoint.Part], as name: String
  ) throws(FileIOError) -> [Int: Range<Int>] {
    let file = try PartFile(path: directory + "/" + name, attempt: attempt)
    var places: [Int: Range<Int>] = [:]
    for part in parts {
      let start = file.byteCount
      var content = ByteWriter { file.append($0) }
      part.encode(&content)
      file.append(content.bytes)
      places[part.id] = start..<file.byteCount
    }
    files[name] = try file.finish()
    return places
  }

  /// Takes over a file of another checkpoint by a second name; whether the file system can.
  mutating func link(_ name: String, _ file: CheckpointManifest.File, from other: String) -> Bool {
    do throws(FileIOError) {
      try FileSystem.addName(directory + "/" + name, toFile: other + "/" + name)
    } catch { return false }
    files[name] = file
    return true
  }
}

/// A file of LZ4 frames, of which few are in memory: small ones are written together.
private final class PartFile: Sendable {
  /// As many bytes are written at once.
  private static let blockByteCount = 1 << 16

  private struct State {
    let file: AtomicFileWriter
    /// Frames that are not written yet.
    var waiting: [UInt8] = []
    var digest = ContentDigest()
    var byteCount = 0
    /// What failed first; after it nothing is written.
    var failure: FileIOError?

    /// Writes what waits.
    mutating func write() {
      defer { waiting.removeAll(keepingCapacity: true) }
      guard failure == nil else { return }
      do throws(FileIOError) {
        try file.append(waiting)
        digest.add(waiting)
      } catch { failure = error }
    }
  }

  private let state: Mutex<State>

  init(path: String, attempt: String) throws(FileIOError) {
    state = Mutex(State(file: try AtomicFileWriter(path: path, attempt: attempt)))
  }

  var byteCount: Int { state.withLock { $0.byteCount } }

  /// Appends a frame that holds `bytes`.
  func append(_ bytes: [UInt8]) {
    let frame = LZ4Frame.compress(bytes)
    state.withLock { state in
      state.byteCount += frame.count
      state.waiting += frame
      if state.waiting.count >= Self.blockByteCount { state.write() }
    }
  }

  /// Makes the file durable.
  ///
  /// - Throws: What failed first.
  func finish() throws(FileIOError) -> CheckpointManifest.File {
    try state.withLock { (state) throws(FileIOError) in
      state.write()
      if let failure = state.failure { throw failure }
      try state.file.finish()
      return CheckpointManifest.File(byteCount: state.byteCount, digest: state.digest.hex)
    }
  }
}
