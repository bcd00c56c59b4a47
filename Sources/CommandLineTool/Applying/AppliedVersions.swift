import Dataflow
import EventTime
import FileIO
import ModelRuntime
import Snapshots
import Synchronization
import Transform

/// Which version of a transform the rows of a window are given to.
final class AppliedVersions: Sendable {
  /// A version and what names it.
  struct Applied {
    var version: TransformVersion
    /// The digest of its payload.
    var digest: String
    /// The window it is of; `nil` for one that was given.
    var window: Window?
    var directory: String?

    /// What rows are stamped with.
    var stamp: String { String(digest.prefix(16)) }
  }

  private struct State {
    var finished: [Window: Applied] = [:]
    /// Where versions of an earlier process lie; read once.
    var unread: SnapshotStore?
  }

  private let stage: String
  private let models: ModelLibrary
  /// For windows without a result of an earlier one.
  private let first: Applied?
  /// Whether ``first`` is for all windows.
  let isPinned: Bool
  private let state = Mutex(State())

  init(stage: String, first: Applied?, isPinned: Bool, models: ModelLibrary) {
    self.stage = stage
    self.models = models
    self.first = first
    self.isPinned = isPinned
  }

  /// Where the versions of this job are published, also those of a process before this one.
  func resume(_ directory: String) {
    state.withLock { $0.unread = SnapshotStore(directory: directory) }
  }

  /// Takes note of the newest pane of `window`.
  func note(_ version: TransformVersion, digest: String, window: Window) {
    guard !isPinned else { return }
    state.withLock {
      $0.finished[window] = Applied(version: version, digest: digest, window: window)
    }
  }

  /// The last window that ended at or before the start of `window`, and its result.
  ///
  /// Called when `window` closes: by then every window that ended before it has closed.
  func latest(before window: Window) throws -> Applied? {
    if isPinned { return first }
    return try state.withLock { state in
      try readEarlier(&state)
      let ended = state.finished.keys.filter { $0.end <= window.start }
      guard let last = ended.max(by: { ($0.end, $0.start) < ($1.end, $1.start) }) else {
        return first
      }
      // Windows close in the order of their ends.
      for other in ended where other.end < last.end { state.finished[other] = nil }
      return state.finished[last]
    }
  }

  private func readEarlier(_ state: inout State) throws {
    guard let store = state.unread else { return }
    state.unread = nil
    guard try FileSystem.kind(of: store.directory + "/transform") != nil else { return }
    for entry in try store.lastPanes() where entry.manifest.kind == .transform {
      let manifest = entry.manifest
      guard manifest.stage == stage, state.finished[manifest.window] == nil else { continue }
      state.finished[manifest.window] = Applied(
        version: try TransformDirectory.version(
          at: store.directory + "/" + entry.path, models: models),
        digest: manifest.payloadDigest, window: manifest.window)
    }
  }
}

extension AppliedVersions.Applied {
  /// The version published at `directory`.
  init(publishedAt directory: String, models: ModelLibrary) throws {
    let version = try TransformDirectory.version(at: directory, models: models)
    let path = directory + "/manifest.json"
    let isPublished = try FileSystem.kind(of: path) != nil
    let digest =
      isPublished
      ? try Manifest(json: try FileSystem.contents(of: path), path: path).payloadDigest
      : SnapshotStore.digest(version.graphJSON())
    self.init(version: version, digest: digest, window: nil, directory: directory)
  }
}
