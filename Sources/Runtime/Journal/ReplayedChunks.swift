import Columns
import Dataflow

/// Reads the chunks that a journal names, each once, in about the order of the splits.
struct ReplayedChunks {
  private struct Split {
    /// Ascending; from `next` on they are to be read.
    var ranges: [Range<Int>] = []
    var next = 0
    var reader: (any SplitReader)?
    var head: PaddedBuffer?
    /// Read, but not asked for yet.
    var waiting: [Int: PaddedBuffer] = [:]
  }

  private let source: any Source
  private var splits: [Int: Split] = [:]

  init(_ source: any Source, _ records: some Sequence<JournalRecord>) {
    self.source = source
    for case .chunk(let chunk) in records {
      splits[chunk.split, default: Split()].ranges.append(chunk.bytes)
    }
    for split in splits.keys { splits[split]?.ranges.sort { $0.lowerBound < $1.lowerBound } }
  }

  /// The lease of a chunk, with its bytes; chunks of a split are numbered from `first`.
  mutating func take(
    _ chunk: JournalRecord.Chunk, of name: String, first: Int
  ) throws -> (Lease, PaddedBuffer) {
    guard var split = splits.removeValue(forKey: chunk.split) else {
      preconditionFailure("no chunk of split \(chunk.split) in this journal")
    }
    while split.waiting[chunk.bytes.lowerBound] == nil { try read(&split, name) }
    guard let buffer = split.waiting.removeValue(forKey: chunk.bytes.lowerBound),
      let position = split.ranges.firstIndex(of: chunk.bytes)
    else { preconditionFailure("chunk \(chunk.bytes) of '\(name)' was not read") }
    let isStart = chunk.bytes.lowerBound == 0
    if source.decodersNeedHead && !isStart && split.head == nil {
      split.head = try split.reader?.head()
    }
    var read = SplitChunk(
      offset: chunk.bytes.lowerBound, isStartOfSplit: isStart, isCaughtUp: chunk.isCaughtUp)
    read.goneCount = chunk.goneCount
    let lease = Lease(
      split: chunk.split, sequence: first + position, chunk: read,
      watermarkFloor: chunk.watermarkFloor, side: source.side(of: name),
      head: isStart ? nil : split.head)
    splits[chunk.split] = split
    return (lease, buffer)
  }

  private func read(_ split: inout Split, _ name: String) throws {
    guard split.next < split.ranges.count else {
      throw JournalError("'\(name)' is named with a chunk twice")
    }
    let range = split.ranges[split.next]
    split.next += 1
    var reader = try split.reader ?? source.makeReader(of: name, from: range.lowerBound)
    let buffer = PaddedBuffer(capacity: range.count + 64)
    var chunk = try reader.nextChunk(into: buffer, targetBytes: range.count)
    if buffer.count < range.count {
      // The last record is cut short by the end, which only a reader that asks for more sees.
      reader = try source.makeReader(of: name, from: range.lowerBound)
      buffer.removeAll()
      chunk = try reader.nextChunk(into: buffer, targetBytes: range.count + 1)
    }
    split.reader = reader
    guard chunk?.offset == range.lowerBound, buffer.count == range.count else {
      throw JournalError(
        "'\(name)' has no chunk of bytes \(range) any more; it is not the file that was read")
    }
    split.waiting[range.lowerBound] = buffer
  }
}

/// A journal that cannot be replayed.
public struct JournalError: Error, CustomStringConvertible {
  public let description: String

  init(_ reason: String) { description = "the journal cannot be replayed: \(reason)" }
}
