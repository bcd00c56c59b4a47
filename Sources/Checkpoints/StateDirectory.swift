public import Dataflow
import FileIO
import Synchronization

/// The directory of a job's checkpoints and journal; one process owns it.
///
/// ```
/// lock                     held while a run is on
/// stop.json                what `limno stop` asks of it
/// checkpoint-<number>/     manifest.json state.lz4 sink.lz4 index.lz4 parts-<number>.lz4 …
/// journal/<number>.log     what happened after checkpoint <number>
/// ```
/// A part that does not change is not written again but linked. Two checkpoints next to each other
/// share no file, so that damage to one leaves the one before whole: a part is written with the
/// first two checkpoints that have it, and from then on linked from the second last.
public final class StateDirectory: CheckpointStore {
  /// The files of a checkpoint that was written by this process.
  private struct Written {
    var manifest: CheckpointManifest
    var index: PartIndex
  }

  private struct State {
    var next: Int
    var journal: JournalSegments
    /// The last two, the newest last.
    var recent: [Written] = []
  }

  public let path: String
  private let identity: JobIdentity
  private let keep: Int
  private let attempt: String
  private let lock: FileLock
  private let state: Mutex<State>

  /// Opens the directory, creating it if need be, and takes its lock.
  ///
  /// - Parameters:
  ///   - path: The directory.
  ///   - identity: What a checkpoint must have been written by to be used.
  ///   - keep: How many checkpoints are kept, at least 3.
  ///   - attempt: Tells this process's temporary names from those of others.
  /// - Throws: `FileIOError`, `alreadyExists` if another process owns it.
  public init(path: String, identity: JobIdentity, keep: Int, attempt: String) throws {
    self.path = path
    self.identity = identity
    self.keep = max(3, keep)
    self.attempt = attempt
    try FileSystem.makeDirectories(path + "/journal")
    lock = try FileLock(path: path + "/lock")
    try AtomicDirectory(attempt: attempt).removeLeftovers(below: path)
    let last = try CheckpointCatalog(path: path).allNumbers().last
    state = Mutex(State(next: last.map { $0 + 1 } ?? 0, journal: JournalSegments(path: path)))
  }

  public func write(_ checkpoint: Checkpoint) throws {
    try state.withLock { state in
      let journal = state.journal
      do {
        try write(checkpoint, &state)
      } catch {
        // It may be tried again, and must then not be in the journal twice.
        state.journal = journal
        throw error
      }
    }
  }

  private func write(_ checkpoint: Checkpoint, _ state: inout State) throws {
    let number = state.next
    let name = CheckpointCatalog.name(of: number)
    let staged = "\(path)/.limno-staged-\(attempt)-\(name)"
    try FileSystem.removeTree(staged)
    try FileSystem.makeDirectories(staged)
    var writer = BlockWriter(directory: staged, attempt: attempt)
    let index = try writeParts(checkpoint.parts, number, &writer, state.recent)
    try writer.write(checkpoint.state, as: "state.lz4")
    try writer.write(checkpoint.sink, as: "sink.lz4")
    try writer.write(index.encoded(), as: "index.lz4")
    let journal = try state.journal.append(checkpoint.journal, before: number)
    let manifest = CheckpointManifest(
      number: number, identity: identity, files: writer.files,
      partCount: checkpoint.parts.count, journal: journal)
    try FileSystem.write(manifest.encoded(), toNew: "\(staged)/\(CheckpointManifest.name)")
    try FileSystem.synchronizeDirectory(staged)
    try FileSystem.move(staged, to: "\(path)/\(name)")
    // It is there from here on, and is the one that counts.
    state.recent = state.recent.suffix(1) + [Written(manifest: manifest, index: index)]
    state.next += 1
    try FileSystem.synchronizeDirectory(path)
    try removeOld()
  }

  private func writeParts(
    _ parts: [Checkpoint.Part], _ number: Int, _ writer: inout BlockWriter, _ recent: [Written]
  ) throws -> PartIndex {
    var index = PartIndex()
    var rest = parts
    if recent.count == 2 {
      let source = recent[0]
      let shared = Set(parts.map(\.id)).intersection(source.index.places.keys)
      let places = source.index.places.filter { shared.contains($0.key) }
      for (file, ids) in Dictionary(grouping: places.keys, by: { places[$0]?.file ?? "" }) {
        guard let known = source.manifest.files[file] else { continue }
        // A file of which little is used is not kept alive for it.
        let used = ids.reduce(0) { $0 + (places[$1]?.bytes.count ?? 0) }
        let other = "\(path)/\(CheckpointCatalog.name(of: source.manifest.number))"
        guard 2 * used >= known.byteCount, writer.link(file, known, from: other) else { continue }
        for id in ids { index.places[id] = places[id] }
      }
      rest.removeAll { index.places[$0.id] != nil }
    }
    guard !rest.isEmpty else { return index }
    let file = "parts-\(number).lz4"
    let written = try writer.write(rest, as: file)
    for (id, bytes) in written { index.places[id] = PartIndex.Place(file: file, bytes: bytes) }
    return index
  }

  private func removeOld() throws {
    for number in try CheckpointCatalog(path: path).numbers().dropLast(keep) {
      try FileSystem.removeTree("\(path)/\(CheckpointCatalog.name(of: number))")
    }
  }
}

extension StateDirectory {
  /// The newest checkpoint that is whole, or `nil` when there is none at all.
  ///
  /// - Parameter onDamage: Told about each that is not, and is put aside.
  /// - Returns: It, with what the journal says has happened since.
  /// - Throws: `CheckpointError`: every one is damaged, or the job is another one by now.
  public func newest(onDamage: (CheckpointError) -> Void) throws -> SavedCheckpoint? {
    let catalog = CheckpointCatalog(path: path)
    let numbers = try catalog.numbers()
    for number in numbers.reversed() {
      do {
        return try resume(number)
      } catch let error as CheckpointError where error.code == .damaged {
        onDamage(error)
        try catalog.putAside(number, as: "damaged")
      }
    }
    guard numbers.isEmpty else {
      throw CheckpointError(.damaged, path, "every checkpoint is damaged")
    }
    return nil
  }

  /// Checkpoint `number`; those after it are put aside.
  public func checkpoint(_ number: Int) throws -> SavedCheckpoint {
    let catalog = CheckpointCatalog(path: path)
    let numbers = try catalog.numbers()
    guard numbers.contains(number) else {
      let list = numbers.map(String.init).joined(separator: ", ")
      throw CheckpointError(.other, path, "holds no checkpoint \(number); there are \(list)")
    }
    let saved = try resume(number)
    for later in numbers where later > number { try catalog.putAside(later, as: "superseded") }
    return saved
  }

  private func resume(_ number: Int) throws -> SavedCheckpoint {
    var (manifest, saved) = try CheckpointCatalog(path: path).read(number)
    if let difference = identity.difference(from: manifest.identity) {
      throw CheckpointError(
        .otherJob, path,
        "the job is not the one of the checkpoints here: \(difference); "
          + "undo that, give another --state, or start over with --fresh --force")
    }
    saved.journal = try state.withLock { try $0.journal.resume(at: manifest.journal) }
    return saved
  }

  /// Whether there is anything to resume.
  public var isEmpty: Bool {
    get throws { try CheckpointCatalog(path: path).allNumbers().isEmpty }
  }

  /// Removes all checkpoints and the journal, and what was asked of the run.
  public func removeAll() throws {
    try StopRequest.remove(in: path)
    try CheckpointCatalog(path: path).removeAll()
    try FileSystem.removeTree(path + "/journal")
    try FileSystem.makeDirectories(path + "/journal")
    state.withLock { $0 = State(next: 0, journal: JournalSegments(path: path)) }
  }
}
