import ByteCoding
import Dataflow
import Foundation

extension Runner {
  /// Queues a checkpoint of the run as it is between two chunks.
  ///
  /// A barrier: the workers finish the chunks in hand, what they hold is taken over by the
  /// collector, and they go on. Encoding and writing happen on the sink's thread from values.
  func checkpoint(isComplete: Bool, isDrained: Bool = false) {
    board.whileIdle {
      let held = collector.absorb()
      let (state, content, splits) = coordinator.withLock {
        ($0.state, $0.joinContent, $0.splitStatus)
      }
      let join = content.map { bytes in
        Checkpoint.Part(id: collector.takeID()) { $0.append(contentsOf: bytes) }
      }
      let records = journal?.take() ?? []
      let stages = pipeline.stages
      queue.checkpoint(heldByteCount: held.byteCount) { paneCount in
        let slots = held.held.map(\.slots)
        var run = RunState(
          state, slots, stages, paneCount: paneCount, isComplete: isComplete, isDrained: isDrained)
        run.join = join?.id
        let parts = slots.joined().flatMap(\.content.parts).map { part in
          Checkpoint.Part(id: part.id) { part.content.encode(into: &$0) }
        }
        var checkpoint = Checkpoint(
          state: try run.encoded(), parts: parts + (join.map { [$0] } ?? []), journal: records)
        checkpoint.splits = splits
        return checkpoint
      }
    }
  }
}

extension PaneCollector.State {
  /// Bytes held outside the workers.
  var byteCount: Int { held.reduce(0) { $0 + $1.byteCount } }
}
