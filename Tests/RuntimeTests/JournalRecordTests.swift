import ByteCoding
import DataflowTesting
import EventTime
import Testing

@testable import Runtime

@Suite struct JournalRecordTests {
  private static let records: [JournalRecord] = [
    .start(now: Timestamp(microseconds: 1_788_220_800_000_000)), .addSplit("in/a.jsonl"),
    .beginLease(split: 0),
    .chunk(
      JournalRecord.Chunk(
        worker: 2, split: 300, bytes: 262_144..<524_288, isCaughtUp: true, priorMaximum: .min,
        watermarkFloor: .distantPast, now: Timestamp(microseconds: -1))),
    .chunk(
      JournalRecord.Chunk(
        worker: 0, split: 0, bytes: 0..<5, isCaughtUp: false, priorMaximum: 17,
        watermarkFloor: Timestamp(microseconds: 3), now: nil)),
    .chunk(
      JournalRecord.Chunk(
        worker: 0, split: 0, bytes: 40..<50, isCaughtUp: false, priorMaximum: .min,
        watermarkFloor: .distantPast, now: Timestamp(microseconds: 5), goneCount: 300)),
    .report(split: 300, offset: 262_144, now: .distantFuture),
    .extraction(worker: 0, isLast: false), .extraction(worker: 130, isLast: true),
    .endLease(split: 1, isCaughtUp: false, isFinished: true),
    .endLease(split: 1, isCaughtUp: true, isFinished: false), .tick(now: .distantPast), .endOfInput,
  ]

  private static func bytes(_ records: [JournalRecord]) -> [UInt8] {
    var writer = ByteWriter()
    for record in records { record.encode(into: &writer) }
    return writer.bytes
  }

  @Test func `records are read as they were written`() throws {
    #expect(try JournalRecord.all(in: Self.bytes(Self.records)) == Self.records)
  }

  /// Format 1, byte by byte from the table at `JournalRecord.encode`.
  @Test func `the bytes are those of the format`() {
    #expect(Self.bytes([.extraction(worker: 130, isLast: true)]) == [0x12, 0x82, 0x01])
    #expect(Self.bytes([.addSplit("ab")]) == [4, 2, 0x61, 0x62])
    let chunk = JournalRecord.Chunk(
      worker: 1, split: 2, bytes: 3..<7, isCaughtUp: true, priorMaximum: 8,
      watermarkFloor: Timestamp(microseconds: 9), now: nil, goneCount: 130)
    #expect(
      Self.bytes([.chunk(chunk)])
        == [0x51, 1, 2, 3, 4] + [8, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0] + [0x82, 0x01])
    #expect(Self.bytes([.endLease(split: 1, isCaughtUp: true, isFinished: true)]) == [0x36, 1])
    #expect(
      Self.bytes([.report(split: 1, offset: 2, now: Timestamp(microseconds: 258))])
        == [7, 1, 2, 2, 1, 0, 0, 0, 0, 0, 0])
    #expect(
      Self.bytes([Self.records[4]]) == [1, 0, 0, 0, 5] + [17, 0, 0, 0, 0, 0, 0, 0]
        + [3, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func `bytes cut short are refused`() {
    for record in Self.records {
      let bytes = Self.bytes([record])
      for count in 1..<max(1, bytes.count) {
        #expect(throws: ByteCodingError.self) { try JournalRecord.all(in: Array(bytes[..<count])) }
      }
    }
    #expect(throws: ByteCodingError.self) { try JournalRecord.all(in: [0]) }
  }

  @Test func `looking at a file that does not grow leaves no record`() throws {
    let journal = RunJournal()
    journal.begin()
    let now = Timestamp(microseconds: 7)
    journal.note(.beginLease(split: 0))
    journal.note(.endLease(split: 0, isCaughtUp: true, isFinished: false), isEffective: true)
    for _ in 0..<1000 {
      journal.note(.tick(now), isEffective: false)
      journal.note(.beginLease(split: 0))
      journal.note(.endLease(split: 0, isCaughtUp: true, isFinished: false), isEffective: false)
    }
    journal.note(.beginLease(split: 0))
    journal.note(.beginLease(split: 1))
    journal.note(.endLease(split: 0, isCaughtUp: true, isFinished: false), isEffective: false)
    #expect(
      try JournalRecord.all(in: journal.take()) == [
        .beginLease(split: 0), .endLease(split: 0, isCaughtUp: true, isFinished: false),
        .tick(now: now), .beginLease(split: 0), .beginLease(split: 1),
        .endLease(split: 0, isCaughtUp: true, isFinished: false),
      ])
    #expect(journal.take() == [])
  }
}
