import CRdKafka
import Columns
import Dataflow

/// Reads one partition in order; positions are offsets.
///
/// Says `isCaughtUp` when the broker has said that there is nothing further, and waits as long as it
/// has not: a partition that cannot be read is not taken for a quiet one.
final class PartitionReader: SplitReader {
  private let client: KafkaClient
  private let partition: Int
  private let layout: MessageLayout
  private let start: Start
  /// Where the run ends in this partition; `nil` for never.
  private let end: Int?
  private let queue: MessageQueue
  /// The offset to be read next; `nil` before the first read.
  private var next: Int?
  private var isFirstChunk = true
  /// Before the first chunk; of what a chunk before it ended at, the coordinator knows.
  private var goneCount = 0
  /// The end of the partition when reading began.
  private var knownEnd = 0
  /// The broker has said that there is nothing further for now.
  private var isAtEnd = false

  enum Start {
    case bound(KafkaBound)
    /// Where an earlier run, or a chunk, stopped.
    case offset(Int)
  }

  /// A chunk ends with the message that reaches it.
  private static let chunkByteCount = 256 << 10
  /// How long a broker is waited for at a time, and how often after the run was stopped.
  private static let waitMilliseconds = 100
  private static let waitsAfterStop = 20

  init(
    _ client: KafkaClient, partition: Int, layout: MessageLayout, start: Start, end: Int?
  ) {
    self.client = client
    self.partition = partition
    self.layout = layout
    self.start = start
    self.end = end
    queue = MessageQueue(client, partition: partition)
  }

  func head() throws -> PaddedBuffer { PaddedBuffer(capacity: 0) }

  func nextChunk(into buffer: PaddedBuffer, targetBytes: Int) throws -> SplitChunk? {
    var next = try self.next ?? begin()
    let block =
      (buffer.block as? MessageBlock).flatMap { $0.layout == layout ? $0 : nil }
      ?? MessageBlock(layout)
    block.begin(partition, at: next)
    // Positions are records here, and the target is one of positions.
    let goal = next.addingReportingOverflow(targetBytes)
    try fill(block, &next, to: min(end ?? .max, goal.overflow ? .max : goal.partialValue))
    if !isAtEnd { queue.wakeIfLow() }
    self.next = next
    let isEnded = end.map { next >= $0 } ?? false
    if block.count == 0 && isEnded { return nil }
    defer { if block.count > 0 { isFirstChunk = false } }
    if block.count > 0 { buffer.hold(block) }
    var chunk = SplitChunk(
      offset: block.firstOffset, isStartOfSplit: isFirstChunk,
      isCaughtUp: isEnded || isAtEnd && queue.isEmpty)
    if isFirstChunk && block.count > 0 { chunk.goneCount = goneCount }
    return chunk
  }

  /// Fills `block` up to `stop`, its limit of bytes or the end there is for now; waits if there is
  /// nothing yet.
  ///
  /// What was there when reading began is waited for, so that a journal that names the positions of
  /// a chunk finds it again, however slow the broker; later messages are taken as they come.
  private func fill(
    _ block: MessageBlock, _ next: inout Int, to stop: Int
  ) throws(KafkaError) {
    var waitCount = 0
    while block.byteCount < Self.chunkByteCount && next < stop {
      if queue.isEmpty {
        if queue.fetch(milliseconds: isAtEnd ? 0 : 5) { continue }
        // Before the end of a bounded run there is more to come, whatever the broker says.
        if isAtEnd && (block.count > 0 || end == nil) { return }
        if block.count > 0 && next >= knownEnd { return }
        if client.isStopping {
          if block.count > 0 { return }
          waitCount += 1
          // Nothing was found, and that is not the end: the run stops where it is.
          if waitCount > Self.waitsAfterStop {
            isAtEnd = false
            return
          }
        }
        queue.wait(milliseconds: Self.waitMilliseconds)
        continue
      }
      let taken = queue.take(
        into: block, from: next, to: stop, byteLimit: Self.chunkByteCount - block.byteCount)
      if taken > 0 {
        next = block.firstOffset + block.count
        isAtEnd = false
      } else if try !handleIrregular(block, &next, stop) {
        return
      }
    }
  }

  /// Deals with what stands first in the queue and is no message to be taken; returns whether to go
  /// on filling.
  private func handleIrregular(
    _ block: MessageBlock, _ next: inout Int, _ stop: Int
  ) throws(KafkaError) -> Bool {
    guard let (code, offset) = queue.first else { return true }
    switch code {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      if offset >= stop {
        next = stop
        block.extend(to: stop)
      } else {
        // Read before: librdkafka 2.0 may deliver records twice.
        queue.dropFirst()
      }
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      isAtEnd = true
      // What is no record, such as the marks of transactions, is passed over.
      if offset > next {
        next = min(offset, stop)
        block.extend(to: next)
      }
      queue.dropFirst()
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      // What was read before the gap goes first.
      guard block.count == 0 else { return false }
      queue.dropFirst()
      next = try passGap(next)
      block.begin(partition, at: next)
      queue.stop()
      try queue.start(at: next)
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
      RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__AUTHENTICATION:
      throw client.error(code, partition: partition)
    default:
      // The client tries again by itself.
      queue.dropFirst()
    }
    return true
  }

  /// Finds out where to start, and starts.
  private func begin() throws(KafkaError) -> Int {
    var offset: Int
    switch start {
    case .bound(let bound): offset = try client.offset(of: bound, in: partition)
    case .offset(let known): offset = known
    }
    let ends = try client.ends(of: partition)
    knownEnd = ends.upperBound
    if offset < ends.lowerBound || offset > ends.upperBound {
      let goal = try passGap(offset)
      if case .bound(.offsets) = start { goneCount = max(0, goal - offset) }
      offset = goal
    }
    try queue.start(at: offset)
    return offset
  }

  /// Where to go on when there is nothing at `offset` any more.
  private func passGap(_ offset: Int) throws(KafkaError) -> Int {
    let ends = try client.ends(of: partition)
    if case .bound(.earliest) = start, next == nil { return ends.lowerBound }
    let isBefore = offset < ends.lowerBound
    let goal = isBefore ? ends.lowerBound : ends.upperBound
    let what =
      isBefore
      ? "\(ends.lowerBound - offset) records from offset \(offset) are gone; the first still there is "
        + "\(ends.lowerBound)"
      : "the partition ends at offset \(ends.upperBound), before \(offset), where reading was to go "
        + "on: it was cut or made anew"
    guard client.configuration.gapPolicy == .accept else {
      throw KafkaError(
        .offsetGap, client.place(partition), what,
        remedy: "on_offset_gap: accept goes on at offset \(goal)")
    }
    client.warn("\(client.place(partition)): \(what); going on at offset \(goal)")
    return goal
  }
}
