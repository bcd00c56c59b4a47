public import Dataflow
public import EventTime
import FileIO
import Formats
import Synchronization

/// Turns the content of a pane into the files of its snapshot.
public typealias PayloadMaker = @Sendable (PaneContent) throws -> Payload

/// Publishes panes as snapshot directories, and dead letters as lines of a file.
///
/// A directory appears complete or not at all; its line in `log.jsonl` follows the rename and
/// carries the digest of the line before it.
public final class SnapshotSink: PaneSink {
  /// What the sink must know of a stage.
  public struct StageOutput: Sendable {
    public var kind: StageKind
    public var name: String
    /// Whether a pane also carries, in `retracted/`, the files of the one it replaces.
    public var isRetracting = false
    public var makePayload: PayloadMaker

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

  private struct State: ~Copyable {
    var log: PublicationLog
    var deadLetters: DeadLetterFile?
    var lateRows: DeadLetterFile?
    let directory: AtomicDirectory
    /// The version last published of each transform stage, by stage position.
    var versions: [Int: Int] = [:]
    /// What was last published, by stage and window.
    var latest: [Int: [Window: Published]] = [:]
  }

  private struct Published {
    var path: String
    /// Empty unless the stage retracts.
    var files: [String: [UInt8]]
  }

  private let options: Options
  private let stages: [StageOutput]
  private let state: Mutex<State>

  /// Creates the output directory if need be.
  ///
  /// - Throws: `SnapshotError` if it holds snapshots of an earlier run, `FileIOError` if it cannot
  ///   be written.
  public init(_ stages: [StageOutput], options: Options) throws {
    self.options = options
    self.stages = stages
    _ = try FileSystem.makeDirectories(options.directory)
    let logPath = options.directory + "/" + SnapshotPath.log
    if try FileSystem.kind(of: logPath) != nil {
      throw SnapshotError(
        options.directory,
        "holds the snapshots of an earlier run; give another --out, or --fresh --force to remove them"
      )
    }
    let directory = AtomicDirectory(attempt: options.attempt)
    try directory.removeLeftovers(below: options.directory)
    state = Mutex(
      State(
        log: try PublicationLog(path: logPath), deadLetters: nil, directory: directory))
  }

  public func publish(_ panes: [FiredPane]) throws {
    try state.withLock { state in
      var lines: [PublicationLog.Entry] = []
      do {
        for pane in panes {
          let (content, entry) = try prepare(pane, &state)
          try state.directory.stage([content])
          lines.append(entry)
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
      throw SnapshotError("\(letter.split), byte \(letter.offset)", letter.reason)
    }
    guard let path = options.deadLetterPath, !letters.isEmpty else { return }
    try state.withLock { state in
      if state.deadLetters == nil { state.deadLetters = try DeadLetterFile(path: path) }
      try state.deadLetters?.append(letters)
    }
  }

  public func finish(_ report: RunReport) throws {
    try state.withLock { try $0.log.appendEnd(report, at: options.clock()) }
  }

  private func prepare(
    _ pane: FiredPane, _ state: inout State
  ) throws -> (DirectoryContent, PublicationLog.Entry) {
    let stage = stages[pane.stage]
    let payload = try stage.makePayload(pane.content)
    var version: Int?
    if stage.kind == .transform {
      let next = (state.versions[pane.stage] ?? 0) + 1
      state.versions[pane.stage] = next
      version = next
    }
    let path = SnapshotPath.path(
      stage.kind, stage: stage.name, window: pane.window, pane: pane.pane.index, version: version)
    let replaced = state.latest[pane.stage]?[pane.window]
    var manifest = Manifest(
      job: options.job, configuration: options.configuration, kind: stage.kind, stage: stage.name,
      window: pane.window, pane: pane.pane, version: version,
      supersedes: replaced?.path, watermark: pane.watermark,
      splits: pane.splits, approximations: payload.approximations, verdict: payload.verdict,
      files: payload.fileDigests)
    let published = Published(path: path, files: stage.isRetracting ? payload.files : [:])
    state.latest[pane.stage, default: [:]][pane.window] = pane.pane.isLast ? nil : published
    var files = payload.files
    for (name, bytes) in replaced?.files ?? [:] {
      files[SnapshotPath.retracted + name] = bytes
      manifest.retracted[name] = Digest.hex(bytes)
    }
    files["manifest.json"] = manifest.json()
    let content = DirectoryContent(path: options.directory + "/" + path, files: files)
    return (content, PublicationLog.Entry(path: path, manifest: manifest))
  }
}
