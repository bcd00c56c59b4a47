import ByteCoding
import EventTime

/// Collects the records of a run between two checkpoints; the checkpoint writes them down.
final class RunJournal: Sendable {
  private let writer = Locked(ByteWriter())

  func note(split name: String) {
    writer.withLock { JournalRecord.split(name).encode(into: &$0) }
  }

  func note(_ chunks: [JournalRecord.Chunk]) {
    guard !chunks.isEmpty else { return }
    writer.withLock { writer in
      for chunk in chunks { JournalRecord.chunk(chunk).encode(into: &writer) }
    }
  }

  func note(_ due: DueFiring) {
    let firing = JournalRecord.Firing(
      stage: due.stage, window: due.firing.window, pane: due.firing.pane,
      takesBehind: due.takesBehind, closes: due.firing.closes, watermark: due.watermark)
    writer.withLock { JournalRecord.firing(firing).encode(into: &$0) }
  }

  /// The records since the last call.
  func take() -> [UInt8] {
    writer.withLock { writer in
      defer { writer = ByteWriter() }
      return writer.bytes
    }
  }
}
