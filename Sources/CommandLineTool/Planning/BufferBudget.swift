import Dashboard

/// The bytes of data on their way, from brokers and files to the sink: one budget, in fixed shares.
///
/// States of windows are no buffers; `memory.limit` bounds those. A single record, or a single pane,
/// that is larger than its share comes alone.
struct BufferBudget: Hashable {
  /// `memory.buffers`.
  var byteCount = 256 << 20

  private static let chunkCost = 1 << 20
  /// The bytes of a chunk and the batches decoded from it, for each byte of it.
  private static let costRatio = 4

  /// What clients of topics may fetch ahead of the reading, of all topics together; more than the
  /// caches hold makes reading slower.
  var fetched: Int { min(byteCount / 8 * 5, 40 << 20) }
  /// Chunks that workers read, and the batches decoded from them.
  var inWork: Int { byteCount / 8 }
  /// Panes and dead letters that wait for the sink.
  var queued: Int { byteCount / 8 }
  /// Records on their way to topics.
  var produced: Int { byteCount / 8 }

  /// Refuses more workers than have room for a chunk each.
  func check(workers: Int, at node: ConfigurationNode) throws(ConfigurationError) {
    guard workers * Self.chunkCost > inWork else { return }
    throw node.error(
      "memory.buffers is \(ByteCount(byteCount)), and \(workers) workers need at least "
        + "\(ByteCount(workers * Self.chunkCost * 8)); raise it, or use fewer --workers")
  }

  private static let leastChunk = chunkCost / costRatio

  /// Bytes of input to be read at a time, if there is room.
  ///
  /// Every batch costs something for each column, so records of many columns come in larger chunks.
  static func chunkBytes(columnCount: Int) -> Int { max(leastChunk, 512 * columnCount) }

  /// Bytes of input that a worker reads at a time.
  func chunkBytes(columnCount: Int, workers: Int) -> Int {
    let room = inWork / workers / Self.costRatio
    return max(Self.leastChunk, min(room, Self.chunkBytes(columnCount: columnCount)))
  }

  var status: RunStatus.Buffers {
    RunStatus.Buffers(
      byteCount: byteCount, fetched: fetched, inWork: inWork, queued: queued, produced: produced)
  }

  /// For people.
  var line: String {
    "at most \(ByteCount(byteCount)) of buffers (memory.buffers): \(ByteCount(fetched)) fetched ahead "
      + "from topics, \(ByteCount(inWork)) in work, \(ByteCount(queued)) that wait for the sink, "
      + "\(ByteCount(produced)) on their way to topics"
  }
}
