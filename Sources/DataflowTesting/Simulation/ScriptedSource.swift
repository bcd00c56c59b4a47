public import Columns
public import Dataflow
public import EventTime
public import Formats
import Synchronization

/// A clock that shows what it is told.
public final class VirtualClock: Sendable {
  private let time: Mutex<Timestamp>

  public init(_ start: Timestamp) { time = Mutex(start) }

  public var now: Timestamp { time.withLock { $0 } }

  public func advance(by interval: Interval) {
    time.withLock { $0 = $0.advanced(by: interval) }
  }
}

/// A row, and when its split has it.
public struct ScriptedRow: Hashable, Sendable {
  public var time: Timestamp
  public var key: Int64
  public var value: Int64
  public var availableAt: Timestamp
  /// The watermark that the source states with the row, if it does.
  public var reached: Timestamp?
  /// Whether the record cannot be decoded.
  public var isBad = false

  public init(time: Timestamp, key: Int64, value: Int64, availableAt: Timestamp) {
    self.time = time
    self.key = key
    self.value = value
    self.availableAt = availableAt
  }
}

/// A split whose rows become available as time passes.
public struct ScriptedSplit: Hashable, Sendable {
  public var name: String
  /// In the order of the split; never available before the one before.
  public var rows: [ScriptedRow]
  /// When the source knows of it.
  public var appearsAt: Timestamp
  /// Whether it ends after its last row.
  public var ends: Bool

  public init(name: String, rows: [ScriptedRow], appearsAt: Timestamp, ends: Bool) {
    self.name = name
    self.rows = rows
    self.appearsAt = appearsAt
    self.ends = ends
  }
}

/// Splits played by a virtual clock, as records of 32 bytes: time, key, value, and the watermark
/// stated.
public struct ScriptedSource: Source {
  public static let schema = Schema([
    Field("at", .timestamp), Field("key", .int64), Field("value", .int64),
    Field("reached", .timestamp),
  ])
  public static let recordSize = 32
  /// The time of a record that cannot be decoded, and the watermark of one that states none.
  static let noTime = Int64.min

  public let script: [ScriptedSplit]
  public let clock: VirtualClock

  public init(_ script: [ScriptedSplit], clock: VirtualClock) {
    self.script = script
    self.clock = clock
  }

  public func splits() -> [String] {
    script.filter { $0.appearsAt <= clock.now }.map(\.name)
  }

  public var isUnbounded: Bool { true }
  public var decodersNeedHead: Bool { false }

  public func makeReader(of split: String, from position: Int) -> any SplitReader {
    guard let script = script.first(where: { $0.name == split }) else {
      preconditionFailure("no split is called \(split)")
    }
    return Reader(script, clock, next: position / Self.recordSize)
  }

  public func makeDecoder() -> any RecordDecoder { Decoder(schema: Self.schema) }

  private final class Reader: SplitReader {
    private let script: ScriptedSplit
    private let clock: VirtualClock
    private var next: Int

    init(_ script: ScriptedSplit, _ clock: VirtualClock, next: Int) {
      self.next = next
      self.script = script
      self.clock = clock
    }

    func nextChunk(into buffer: PaddedBuffer, targetBytes: Int) -> SplitChunk? {
      if next == script.rows.count && script.ends { return nil }
      let start = next
      let limit = max(1, targetBytes / recordSize)
      while next < script.rows.count, next - start < limit,
        script.rows[next].availableAt <= clock.now
      {
        append(script.rows[next], to: buffer)
        next += 1
      }
      let isCaughtUp = next == script.rows.count || script.rows[next].availableAt > clock.now
      return SplitChunk(
        offset: start * recordSize, isStartOfSplit: start == 0, isCaughtUp: isCaughtUp)
    }

    private func append(_ row: ScriptedRow, to buffer: PaddedBuffer) {
      let time = row.isBad ? noTime : row.time.microseconds
      let reached = row.reached?.microseconds ?? noTime
      buffer.append(
        [time, row.key, row.value, reached].flatMap { number in
          (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        })
    }

    func head() -> PaddedBuffer { PaddedBuffer() }
  }

  private struct Decoder: RecordDecoder {
    let schema: Schema

    func beginFile() {}

    func decode(_ buffer: PaddedBuffer, from offset: Int, limit: Int) -> DecodedBatch {
      let count = min(limit, (buffer.count - offset) / recordSize)
      let end = offset + count * recordSize
      let bytes = buffer.copy(offset..<end)
      var columns = [[Int64]](repeating: [], count: schema.fields.count)
      var bad: [BadRecord] = []
      var rowsBefore: [Int] = []
      for record in 0..<count {
        let numbers = columns.indices.map { field in
          (0..<8).reduce(Int64(0)) { number, byte in
            number | Int64(bytes[record * recordSize + field * 8 + byte]) << (8 * byte)
          }
        }
        if numbers[0] == noTime {
          let start = offset + record * recordSize
          bad.append(BadRecord(range: start..<start + recordSize, reason: "scripted"))
          rowsBefore.append(columns[0].count)
        } else {
          for field in columns.indices { columns[field].append(numbers[field]) }
        }
      }
      return DecodedBatch(
        batch: RecordBatch(
          schema: schema, rowCount: columns[0].count,
          columns: columns.map { .int64(Int64Column($0)) }),
        badRecords: bad, rowsBeforeBadRecords: rowsBefore, records: offset..<end, end: end)
    }
  }
}
