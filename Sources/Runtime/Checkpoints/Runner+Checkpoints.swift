import Dataflow
import Foundation

extension Runner {
  /// Queues a checkpoint of the run as it is between two chunks.
  ///
  /// A barrier: the workers finish the chunks in hand, what they hold is taken over by the
  /// collector, and they go on. Encoding and writing happen on the sink's thread from values.
  func checkpoint(isComplete: Bool) {
    board.whileIdle {
      let held = collector.absorb()
      let state = coordinator.withLock { $0.state }
      let records = journal?.take() ?? []
      let stages = pipeline.stages
      queue.checkpoint { paneCount in
        let run = RunState(state, held, stages, paneCount: paneCount, isComplete: isComplete)
        return Checkpoint(
          state: try run.encoded(),
          parts: held.parts.map { part in
            Checkpoint.Part(id: part.id) { part.encoded() }
          }, journal: records)
      }
    }
  }
}

extension PaneCollector.State {
  /// Every part of every window.
  var parts: [ContentPart] {
    held.flatMap { $0.slots.flatMap(\.content.parts) }
  }
}
