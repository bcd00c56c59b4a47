public import Dataflow
public import EventTime
import FileIO
import Formats
import Synchronization

/// Turns the content of a pane of a window into the files of its snapshot.
public typealias PayloadMaker = @Sendable (PaneContent, Window) throws -> Payload

/// Publishes panes as snapshot directories, and dead letters as lines of a file.
///
/// A directory appears complete or not at all; its line in `log.jsonl` follows the rename and
/// carries the digest of the line before it.
public final class SnapshotSink: PaneSink {
  /// What the sink must know of a stage.
  public struct StageOutput: Sendable {
    public var kind: StageKind
    public var name: String
    /// What the components of the windows' key are called.
    public var keyNames: [String] = []
    /// Whether a pane also carries, in `retracted/`, the files of the one it replaces.
    public var isRetracting = false
    public var makePayload: PayloadMaker

    public init(
      kind: StageKind, name: String,
      makePayload: @escaping @Sendable (PaneContent) throws -> Payload
    ) {
      self.init(kind: kind, name: name) { content, _ in try makePayload(content) }
    }

    /// For a payload that depends on the window too.
    public init(kind: StageKind, name: String, makePayload: @escaping PayloadMaker) {
      self.kind = kind
      self.name = name
      self.makePayload = makePayload
    }

    /// `aggregate`, or `aggregate companies` for a named stage.
    var title: String { name.isEmpty ? kind.rawValue : "\(kind.rawValue) \(name)" }
  }

  public struct Options: Sendable {
    /// The output directory.
    public var directory: String
    var logPath: String { directory + "/" + SnapshotPath.log }
    public var job: String
    /// The SHA-256 of the job file, hexadecimal.
    public var configuration: String
    /// Where dead letters go; `nil` to count them only.
    public var deadLetterPath: String?
    /// Where late rows go, if the job keeps them.
    public var lateRowPath: String?
    /// Whether a bad record ends the run.
    public var failsOnBadRecords: Bool
    /// Distinguishes this run's unfinished directories.
    public var attempt: String
    /// The time for `log.jsonl`, which alone holds wall-clock time.
    public var clock: @Sendable () -> Timestamp

    public init(
      directory: String, job: String, configuration: String, deadLetterPath: String?,
      failsOnBadRecords: Bool = false, attempt: String, clock: @escaping @Sendable () -> Timestamp
    ) {
      self.directory = directory
      self.job = job
      self.configuration = configuration
      self.deadLetterPath = deadLetterPath
      self.failsOnBadRecords = failsOnBadRecords
      self.attempt = attempt
      self.clock = clock
    }
  }

  struct State: ~Copyable {
    var log: PublicationLog
    var deadLetters: DeadLetterFile?
    var lateRows: DeadLetterFile?
    let directory: AtomicDirectory
    /// The version last published of each transform stage, by stage position.
    var versions: [Int: Int] = [:]
    /// What was last published, by stage and window.
    var latest: [Int: [KeyedWindow: Published]] = [:]
    /// Publications that wait for a checkpoint, in order, with the temporary name of each.
    var outbox: [SinkState.Sealed] = []
    /// What was published after the checkpoint that this run goes on from, by identity.
    var published: [String: LoggedPublication] = [:]
    /// Whether the log says that the run has ended.
    var hasEnded = false
  }

  /// A window of a key, which is empty where windows have none.
  struct KeyedWindow: Hashable {
    var key: [KeyValue]
    var window: Window
  }

  struct Published {
    var path: String
    /// Empty unless the stage retracts.
    var files: [String: [UInt8]]
  }

  let options: Options
  let stages: [StageOutput]
  let state: Mutex<State>

  /// Creates the output directory if need be.
  ///
  /// - Parameters:
  ///   - stages: What is published of each stage.
  ///   - options: Where, and as what.
  ///   - checkpoint: What ``seal()`` returned for the checkpoint to go on from; what that let out
  ///     is made visible now. `nil` to begin.
  /// - Throws: `SnapshotError` if the directory holds snapshots of an earlier run, or does not go
  ///   with the checkpoint; `FileIOError` if it cannot be written.
  public init(
    _ stages: [StageOutput], options: Options, resuming checkpoint: [UInt8]? = nil
  ) throws {
    self.options = options
    self.stages = stages
    _ = try FileSystem.makeDirectories(options.directory)
    if let checkpoint {
      state = Mutex(try Self.resume(try SinkState(checkpoint), stages, options))
    } else {
      state = Mutex(try Self.begin(options))
    }
  }

  private static func begin(_ options: Options) throws -> sending State {
    // An empty one is of a run that ended before its first checkpoint.
    if try FileSystem.kind(of: options.logPath) != nil,
      try FileSystem.size(of: options.logPath) > 0
    {
      throw SnapshotError(
        options.directory,
        "holds the snapshots of an earlier run; give another --out, or --fresh --force to remove "
          + "them")
    }
    let directory = AtomicDirectory(attempt: options.attempt)
    try directory.removeLeftovers(below: options.directory)
    return State(log: try PublicationLog(path: options.logPath), directory: directory)
  }

  public func publish(_ panes: [FiredPane]) throws {
    try state.withLock { state in
      var lines: [Publication] = []
      do {
        for pane in panes {
          let (contents, publication, _) = try prepare(pane, &state)
          try state.directory.stage(contents)
          lines.append(publication)
        }
        try state.directory.commitGroup()
      } catch {
        state.directory.discardGroup()
        throw error
      }
      try state.log.append(lines, at: options.clock())
    }
  }

  public func quarantine(_ letters: [DeadLetter]) throws {
    let late = letters.filter { !$0.refusals.isEmpty }
    let letters = letters.filter { $0.refusals.isEmpty }
    if let path = options.lateRowPath, !late.isEmpty {
      try state.withLock { state in
        if state.lateRows == nil {
          state.lateRows = try DeadLetterFile(path: path, stages: stages.map(\.title))
        }
        try state.lateRows?.append(late)
      }
    }
    if options.failsOnBadRecords, let letter = letters.first {
      throw SnapshotError("\(letter.split), position \(letter.offset)", letter.reason)
    }
    guard let path = options.deadLetterPath, !letters.isEmpty else { return }
    try state.withLock { state in
      if state.deadLetters == nil { state.deadLetters = try DeadLetterFile(path: path) }
      try state.deadLetters?.append(letters)
    }
  }

  public func finish(_ report: RunReport) throws {
    try state.withLock { state in
      guard !state.hasEnded else { return }
      try state.log.appendEnd(report, at: options.clock())
    }
  }

  /// The directories of a pane, its own first, and its line in the log; the pane counts as published
  /// from here on.
  func prepare(
    _ pane: FiredPane, _ state: inout State
  ) throws -> ([DirectoryContent], Publication, payload: [String: [UInt8]]) {
    let stage = stages[pane.stage]
    let payload = try stage.makePayload(pane.content, pane.window)
    let version = stage.kind == .transform ? (state.versions[pane.stage] ?? 0) + 1 : nil
    let path = SnapshotPath.path(
      stage.kind, stage: stage.name, window: pane.window, key: pane.key,
      pane: pane.pane.index, version: version)
    let replaced = state.latest[pane.stage]?[KeyedWindow(key: pane.key, window: pane.window)]
    var manifest = Manifest(
      job: options.job, configuration: options.configuration, kind: stage.kind, stage: stage.name,
      window: pane.window, pane: pane.pane, version: version,
      supersedes: replaced?.path, watermark: pane.watermark,
      splits: pane.splits, approximations: payload.approximations, verdict: payload.verdict,
      files: payload.fileDigests)
    manifest.key = zip(stage.keyNames, pane.key).map { ($0, $1) }
    manifest.merged = pane.merged.compactMap { merged in
      let window = KeyedWindow(key: pane.key, window: merged.window)
      return state.latest[pane.stage]?[window]?.path
    }
    manifest.exports = payload.exports
    manifest.applied = payload.applied
    var files = payload.files
    for (name, bytes) in replaced?.files ?? [:] {
      files[SnapshotPath.retracted + name] = bytes
      manifest.retracted[name] = Digest.hex(bytes)
    }
    files["manifest.json"] = manifest.json()
    var contents = [DirectoryContent(path: options.directory + "/" + path, files: files)]
    if let version, !payload.serving.isEmpty {
      let serving = SnapshotPath.serving(stage: stage.name, version: version)
      contents.append(
        DirectoryContent(path: options.directory + "/" + serving, files: payload.serving))
    }
    let publication = Publication(manifest, path: path)
    if state.published[publication.identity] == nil {
      note(pane, version, path, payload.files, &state)
    }
    return (contents, publication, payload.files)
  }

  /// Takes note of what is now the last publication of the pane's stage and window.
  func note(
    _ pane: FiredPane, _ version: Int?, _ path: String, _ payload: [String: [UInt8]],
    _ state: inout State
  ) {
    if let version {
      state.versions[pane.stage] = max(version, state.versions[pane.stage] ?? 0)
    }
    let files = stages[pane.stage].isRetracting ? payload : [:]
    for merged in pane.merged {
      state.latest[pane.stage]?[KeyedWindow(key: pane.key, window: merged.window)] = nil
    }
    state.latest[pane.stage, default: [:]][KeyedWindow(key: pane.key, window: pane.window)] =
      pane.pane.isLast ? nil : Published(path: path, files: files)
  }
}
