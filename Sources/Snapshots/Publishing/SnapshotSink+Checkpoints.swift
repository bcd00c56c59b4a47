public import Dataflow
import EventTime
import FileIO
import Formats
import Synchronization

/// Exactly once: panes lie under temporary names until the checkpoint that lists them is durable;
/// then they are renamed, and `log.jsonl` says so. Whoever goes on from a checkpoint first lets out
/// what it lists and the log does not.
extension SnapshotSink: TransactionalSink {
  public func stage(_ panes: [FiredPane]) throws {
    try state.withLock { state in
      for pane in panes {
        var prepared = try prepare(pane, state)
        let (contents, publication) = (prepared.contents, prepared.publication)
        if let known = state.published.removeValue(forKey: publication.identity) {
          try check(publication, against: known)
          (prepared.version, prepared.path) = (known.version, known.path)
          state.note(pane, prepared, stages)
          continue
        }
        try state.directory.stage(contents)
        state.note(pane, prepared, stages)
        let staged = state.directory.stagedNames.suffix(contents.count).map { name in
          name.map { String($0.dropFirst(options.directory.count + 1)) }
        }
        var sealed = SinkState.Sealed(publication: publication, staged: staged[0])
        for (content, name) in zip(contents, staged).dropFirst() {
          guard let name else { continue }
          let path = String(content.path.dropFirst(options.directory.count + 1))
          sealed.others = (sealed.others ?? []) + [.init(staged: name, path: path)]
        }
        state.outbox.append(sealed)
      }
    }
  }

  public func seal(_: [SplitStatus]) throws -> [UInt8] {
    try state.withLock { state in
      try state.directory.sealGroup()
      return try SinkState(
        state,
        deadLetterByteCount: try state.deadLetters?.byteCount
          ?? Self.byteCount(of: options.deadLetterPath),
        lateRowByteCount: try state.lateRows?.byteCount ?? Self.byteCount(of: options.lateRowPath)
      ).encoded()
    }
  }

  public func release() throws {
    try state.withLock { state in
      FaultPoint.publish.reach()
      try state.directory.revealGroup()
      FaultPoint.log.reach()
      try state.log.append(state.outbox.map(\.publication), at: options.clock())
      state.outbox = []
    }
  }

  private static func byteCount(of path: String?) throws -> Int {
    guard let path, try FileSystem.kind(of: path) != nil else { return 0 }
    return try FileSystem.size(of: path)
  }

  /// A pane that a newer checkpoint, lost by now, let out must be the same again.
  private func check(_ publication: Publication, against known: LoggedPublication) throws {
    guard publication.payloadDigest != known.payloadDigest else { return }
    throw SnapshotError(
      "\(options.directory)/\(known.path)",
      "was published after the checkpoint that this run goes on from, and has other content now; "
        + "what an early or late pane holds depends on arrival. Start over with --fresh --force")
  }
}

extension SnapshotSink {
  /// The state of a sink that goes on from a checkpoint, with what that lets out made visible.
  static func resume(
    _ saved: SinkState, _ stages: [StageOutput], _ options: Options
  ) throws -> sending State {
    let directory = AtomicDirectory(attempt: options.attempt)
    var later: [JSONValue] = []
    var state = State(
      log: try PublicationLog(path: options.logPath, resuming: saved.log, later: &later),
      directory: directory)
    for sealed in saved.outbox {
      for other in sealed.directories {
        try directory.reveal(
          sealed: "\(options.directory)/\(other.staged)", as: "\(options.directory)/\(other.path)")
      }
    }
    try directory.revealGroup()
    for (line, sealed) in zip(later, saved.outbox)
    where line["path"]?.string != sealed.publication.path {
      throw SnapshotError(
        options.logPath,
        "says '\(line["path"]?.string ?? "")' where the checkpoint lets out "
          + "'\(sealed.publication.path)'; another run wrote it")
    }
    try state.log.append(
      saved.outbox.dropFirst(later.count).map(\.publication), at: options.clock())
    for version in saved.versions { state.versions[version.stage] = version.version }
    for latest in saved.latest {
      let keepsFiles = stages[latest.stage].keepsFiles
      let window = KeyedWindow(key: latest.key ?? [], window: latest.window)
      state.latest[latest.stage, default: [:]][window] = Published(
        path: latest.path, files: keepsFiles ? try payload(latest.path, options) : [:])
    }
    state.noteNewer(Array(later.dropFirst(saved.outbox.count)), stages)
    if let path = options.deadLetterPath, try FileSystem.kind(of: path) != nil {
      state.deadLetters = try DeadLetterFile(path: path)
      try state.deadLetters?.cut(to: saved.deadLetterByteCount)
    }
    if let path = options.lateRowPath, try FileSystem.kind(of: path) != nil {
      state.lateRows = try DeadLetterFile(path: path, stages: stages.map(\.title))
      try state.lateRows?.cut(to: saved.lateRowByteCount ?? 0)
    }
    try directory.removeLeftovers(below: options.directory)
    return state
  }
}

extension SnapshotSink {
  /// The payload files of a snapshot that was published.
  private static func payload(_ path: String, _ options: Options) throws -> [String: [UInt8]] {
    let store = SnapshotStore(directory: options.directory)
    let entry = try store.entry(at: path)
    return try entry.manifest.files.keys.reduce(into: [:]) { files, name in
      files[name] = try store.contents(of: name, in: entry)
    }
  }
}

extension SnapshotSink.State {
  /// Takes note of lines that a newer checkpoint, lost by now, has added to the log.
  mutating func noteNewer(_ lines: [JSONValue], _ stages: [SnapshotSink.StageOutput]) {
    hasEnded = lines.last?["kind"]?.string == "end"
    for known in lines.compactMap(LoggedPublication.init) {
      published[known.identity] = known
      guard let version = known.version,
        let stage = stages.firstIndex(where: { "\($0.kind.rawValue) \($0.name)" == known.stage })
      else { continue }
      versions[stage] = max(version, versions[stage] ?? 0)
    }
  }
}
