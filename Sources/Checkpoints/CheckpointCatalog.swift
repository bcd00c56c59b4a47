import ByteCoding
public import Dataflow
import FileIO

/// Reads the checkpoints of a state directory; needs no lock.
public struct CheckpointCatalog: Sendable {
  public let path: String

  public init(path: String) { self.path = path }

  private static let prefix = "checkpoint-"

  static func name(of number: Int) -> String {
    let digits = String(number)
    return prefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  /// Those that were not put aside, ascending.
  public func numbers() throws -> [Int] {
    try FileSystem.names(in: path).filter { $0.hasPrefix(Self.prefix) }
      .compactMap { Int($0.dropFirst(Self.prefix.count)) }.sorted()
  }

  /// Those put aside too, ascending.
  func allNumbers() throws -> [Int] {
    try FileSystem.names(in: path).filter { $0.hasPrefix(Self.prefix) }
      .compactMap { Int($0.dropFirst(Self.prefix.count).prefix { $0 != "." }) }.sorted()
  }

  /// Renames a checkpoint so that no run resumes from it.
  func putAside(_ number: Int, as suffix: String) throws {
    let name = "\(path)/\(Self.name(of: number))"
    try FileSystem.removeTree("\(name).\(suffix)")
    try FileSystem.move(name, to: "\(name).\(suffix)")
    try FileSystem.synchronizeDirectory(path)
  }

  func removeAll() throws {
    for name in try FileSystem.names(in: path) where name.hasPrefix(Self.prefix) {
      try FileSystem.removeTree("\(path)/\(name)")
    }
  }

  /// The manifest of a checkpoint, which is whole; its files are not looked at.
  public func manifest(of number: Int) throws -> CheckpointManifest {
    let file = "\(path)/\(Self.name(of: number))/\(CheckpointManifest.name)"
    let manifest = try CheckpointManifest(try bytes(of: file), path: file)
    guard manifest.number == number else {
      throw CheckpointError(.damaged, file, "it says to be number \(manifest.number)")
    }
    return manifest
  }

  /// A checkpoint, with every digest and frame checked.
  ///
  /// - Throws: `CheckpointError`, `damaged` if anything is not what was written.
  public func read(
    _ number: Int
  ) throws -> (manifest: CheckpointManifest, checkpoint: SavedCheckpoint) {
    let directory = "\(path)/\(Self.name(of: number))"
    let manifest = try manifest(of: number)
    var files: [String: [UInt8]] = [:]
    for (name, file) in manifest.files {
      let bytes = try bytes(of: "\(directory)/\(name)")
      guard bytes.count == file.byteCount, ContentDigest.hex(bytes) == file.digest else {
        throw CheckpointError(
          .damaged, "\(directory)/\(name)", "the content is not what the manifest says")
      }
      files[name] = bytes
    }
    func content(_ name: String, _ range: Range<Int>? = nil) throws -> [UInt8] {
      let bytes = files[name] ?? []
      let frame = bytes[(range ?? bytes.indices).clamped(to: bytes.indices)]
      do {
        return try LZ4Frame.decompress(frame, path: "\(directory)/\(name)")
      } catch {
        throw CheckpointError(.damaged, "\(directory)/\(name)", error.cause)
      }
    }
    let index: PartIndex
    do {
      index = try PartIndex(try content("index.lz4"))
    } catch let error as ByteCodingError {
      throw CheckpointError(.damaged, "\(directory)/index.lz4", "\(error)")
    }
    guard index.places.count == manifest.partCount else {
      throw CheckpointError(
        .damaged, "\(directory)/index.lz4", "\(index.places.count) parts, not as the manifest says")
    }
    let saved = SavedCheckpoint(
      number: number, state: try content("state.lz4"),
      parts: try index.places.mapValues { try content($0.file, $0.bytes) },
      sink: try content("sink.lz4"))
    return (manifest, saved)
  }

  /// The bytes of a file of a checkpoint; that it is missing is damage.
  private func bytes(of file: String) throws -> [UInt8] {
    do throws(FileIOError) {
      return try FileSystem.contents(of: file)
    } catch {
      guard error.code == .notFound else { throw error }
      throw CheckpointError(.damaged, file, "it is missing")
    }
  }
}

extension CheckpointCatalog {
  /// The journal's frames, and a sentence for each file that is damaged.
  ///
  /// A last frame that is cut short is no damage: its checkpoint was never made.
  public func journal() throws -> (frames: [[UInt8]], byteCount: Int, faults: [String]) {
    let directory = path + "/journal"
    let newest = try numbers().last.flatMap { try? manifest(of: $0).journal }
    var frames: [[UInt8]] = []
    var byteCount = 0
    var faults: [String] = []
    for name in try FileSystem.names(in: directory) {
      let file = "\(directory)/\(name)"
      let (payloads, end) = try FrameLog.read(path: file)
      byteCount += end
      let expected = try newest.map { newest in
        name < newest.file
          ? try FileSystem.size(of: file) : name == newest.file ? newest.byteCount : 0
      }
      if let expected, end < expected {
        faults.append("\(file): frame \(payloads.count) is damaged or cut short")
      }
      frames += payloads
    }
    return (frames, byteCount, faults)
  }
}

extension CheckpointCatalog {
  /// The frames of the journal from the begin of the run on.
  ///
  /// - Throws: `CheckpointError`: the job is another one, or the journal is damaged or was cut.
  public func wholeJournal(of identity: JobIdentity) throws -> [[UInt8]] {
    guard let newest = try numbers().last else {
      throw CheckpointError(.other, path, "holds no checkpoints")
    }
    if let difference = identity.difference(from: try manifest(of: newest).identity) {
      throw CheckpointError(
        .otherJob, path, "the job is not the one of the journal here: \(difference)")
    }
    let (frames, _, faults) = try journal()
    if let fault = faults.first { throw CheckpointError(.damaged, path, fault) }
    guard try FileSystem.names(in: path + "/journal").first == JournalSegments.name(of: 0) else {
      throw CheckpointError(
        .other, path, "the journal does not reach back to the begin of the run any more")
    }
    return frames
  }
}
