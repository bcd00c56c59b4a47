public import Dataflow
public import EventTime
import FileIO
import Formats
import Synchronization

/// Turns the content of a pane of a window into the files of its snapshot.
public typealias PayloadMaker = @Sendable (PaneContent, Window) throws -> Payload

/// How a pane differs from the one it replaces.
public struct PaneChanges: Sendable {
  /// JSON lines, one a value.
  public var lines: [UInt8]
  public var sliceCount: Int
  public var valueCount: Int

  public init(lines: [UInt8], sliceCount: Int, valueCount: Int) {
    self.lines = lines
    self.sliceCount = sliceCount
    self.valueCount = valueCount
  }
}

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
    /// Whether a pane also carries, in `retracted/`, the files of those it replaces.
    public var isRetracting = false
    /// Says how a pane differs from the one it replaces, given the payload files of both; `nil` if
    /// the stage does not say that.
    public var compare:
      (@Sendable (_ before: [String: [UInt8]], _ after: [String: [UInt8]]) throws -> PaneChanges)?
    public var makePayload: PayloadMaker

    /// Whether the files of a pane are needed when the next one comes.
    var keepsFiles: Bool { isRetracting || compare != nil }

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
    /// The SHA-256 of the files of each model that the job calls, by path.
    public var models: [String: String] = [:]
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
    /// Empty unless the stage retracts, or compares panes.
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
  ///   - checkpoint: What ``seal(_:)`` returned for the checkpoint to go on from; what that let out
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
      var changes: [State.Change] = []
      do {
        for pane in panes {
          let prepared = try prepare(pane, state)
          try state.directory.stage(prepared.contents)
          lines.append(prepared.publication)
          changes.append(state.note(pane, prepared, stages))
        }
        try state.directory.commitGroup()
        try state.log.append(lines, at: options.clock())
      } catch {
        // As if nothing had been tried, so that it can be tried again.
        state.directory.discardGroup()
        for change in changes.reversed() { state.takeBack(change) }
        throw error
      }
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

  /// A pane as it is published.
  struct Prepared {
    /// Its directories, its own first.
    var contents: [DirectoryContent]
    var publication: Publication
    var payload: [String: [UInt8]]
    var path: String
    var version: Int?
  }

  /// What a pane is published as, if it is the next.
  func prepare(_ pane: FiredPane, _ state: borrowing State) throws -> Prepared {
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
    var merged: [(Window, Published)] = []
    for other in pane.merged {
      let window = KeyedWindow(key: pane.key, window: other.window)
      if let published = state.latest[pane.stage]?[window] {
        merged.append((other.window, published))
      }
    }
    manifest.merged = merged.map(\.1.path)
    manifest.exports = payload.exports
    manifest.applied = payload.applied
    manifest.isLagged = payload.isLagged
    manifest.statesFrom = payload.statesFrom
    manifest.accumulation = payload.accumulation
    manifest.models = options.models
    var files = payload.files
    var retracted = stage.isRetracting ? replaced?.files ?? [:] : [:]
    for (window, published) in merged where stage.isRetracting {
      for (name, bytes) in published.files { retracted["\(window)/\(name)"] = bytes }
    }
    for (name, bytes) in retracted {
      files[SnapshotPath.retracted + name] = bytes
      manifest.retracted[name] = ContentDigest.hex(bytes)
    }
    if let replaced, let changes = try stage.compare?(replaced.files, payload.files) {
      files[SnapshotPath.changes] = changes.lines
      manifest.changes = Manifest.Changes(
        digest: ContentDigest.hex(changes.lines), sliceCount: changes.sliceCount,
        valueCount: changes.valueCount)
    }
    files["manifest.json"] = manifest.json()
    var contents = [DirectoryContent(path: options.directory + "/" + path, files: files)]
    if let version, !payload.serving.isEmpty {
      let serving = SnapshotPath.serving(stage: stage.name, version: version)
      contents.append(
        DirectoryContent(path: options.directory + "/" + serving, files: payload.serving))
    }
    return Prepared(
      contents: contents, publication: Publication(manifest, path: path), payload: payload.files,
      path: path, version: version)
  }
}

extension SnapshotSink.State {
  /// What ``note(_:_:_:)`` replaced.
  struct Change {
    fileprivate var stage: Int
    fileprivate var version: Int?
    fileprivate var latest: [(window: SnapshotSink.KeyedWindow, was: SnapshotSink.Published?)]
  }

  /// Takes note of what is now the last publication of the pane's stage and window.
  @discardableResult
  mutating func note(
    _ pane: FiredPane, _ prepared: SnapshotSink.Prepared, _ stages: [SnapshotSink.StageOutput]
  ) -> Change {
    var change = Change(stage: pane.stage, version: versions[pane.stage], latest: [])
    if let version = prepared.version {
      versions[pane.stage] = max(version, versions[pane.stage] ?? 0)
    }
    let files = stages[pane.stage].keepsFiles ? prepared.payload : [:]
    for merged in pane.merged {
      let window = SnapshotSink.KeyedWindow(key: pane.key, window: merged.window)
      let was = latest[pane.stage]?.removeValue(forKey: window)
      change.latest.append((window, was))
    }
    let window = SnapshotSink.KeyedWindow(key: pane.key, window: pane.window)
    change.latest.append((window, latest[pane.stage]?[window]))
    latest[pane.stage, default: [:]][window] =
      pane.pane.isLast ? nil : SnapshotSink.Published(path: prepared.path, files: files)
    return change
  }

  mutating func takeBack(_ change: Change) {
    versions[change.stage] = change.version
    for (window, was) in change.latest.reversed() { latest[change.stage]?[window] = was }
  }
}
