import Checkpoints
import Dataflow
import EventTime
import FileIO
import Runtime
import Snapshots

/// Where a run starts: at the beginning, or at a checkpoint.
struct RunStart {
  enum Point {
    /// The newest checkpoint that is whole; the beginning if there is none.
    case newest
    case from(Int)
    /// The beginning, with what there is removed if that is forced, and refused if not.
    case fresh(isForced: Bool)
  }

  let plan: JobPlan
  /// Of the snapshots.
  let directory: String
  let jobFile: String
  let options: RunOptions

  func makeRunner(_ point: Point) throws -> Runner {
    let store = SnapshotStore(directory: directory)
    guard let checkpoints = plan.configuration.checkpoints else {
      if case .from = point {
        throw plan.configuration.root.error(
          "--from-checkpoint: the job has no checkpoints; give checkpoint.directory or --state")
      }
      if case .fresh(let isForced) = point { try clear(store, nil, isForced) }
      return try Runner(
        plan.pipeline, source: plan.source,
        sink: try plan.makeSinkWithTopics(
          in: directory, configurationDigest: try configurationDigest), options: options)
    }
    let state = try StateDirectory(
      path: checkpoints.directory, identity: try plan.identity, keep: checkpoints.keep,
      attempt: JobPlan.attempt)
    let saved: SavedCheckpoint?
    var startsOver = false
    switch point {
    case .newest:
      saved = try state.newest { error in
        printToError("warning: \(error); it is put aside, and the checkpoint before it is used")
      }
    case .from(let number): saved = try state.checkpoint(number)
    case .fresh(let isForced):
      try clear(store, state, isForced)
      startsOver = isForced
      saved = nil
    }
    return try Runner(
      plan.pipeline, source: plan.source,
      sink: try plan.makeTransactionalSink(
        in: directory, configurationDigest: try configurationDigest, resuming: saved?.sink,
        startsOver: startsOver), options: options,
      checkpointing: Checkpointing(
        store: state, interval: Double(checkpoints.every.microseconds) / 1e6, resuming: saved))
  }

  private var configurationDigest: String {
    get throws { SnapshotStore.digest(try FileSystem.contents(of: jobFile)) }
  }

  private func clear(_ store: SnapshotStore, _ state: StateDirectory?, _ isForced: Bool) throws {
    let hasState = try state.map { try !$0.isEmpty } ?? false
    guard try isForced || !(store.exists || hasState) else {
      let places = [directory] + (state.map { [$0.path] } ?? [])
      throw SnapshotError(
        places.joined(separator: " and "),
        "there is an earlier run; --fresh removes it, confirm with --force")
    }
    try store.removeAll()
    try LetterOutbox.removeAll(in: directory)
    try state?.removeAll()
  }
}
