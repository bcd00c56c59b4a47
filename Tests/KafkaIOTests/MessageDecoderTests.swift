import ByteCoding
import Columns
import DataflowTesting
import Formats
import Testing

@testable import KafkaIO

@Suite struct MessageDecoderTests {
  private static let schema = Schema([
    Field("a", .int64), Field("b", .string), Field("c", .float64),
  ])
  private static let json = MessageLayout(format: .json)
  private static let csv = MessageLayout(format: .csv(columns: ["a", "b", "c"]))

  /// Each kind of message, with what becomes of it when it is alone in the world.
  private static let jsonKinds: [(value: String?, row: [String]?, reason: String)] = [
    (#"{"a":1,"b":"x","c":2.5}"#, ["1", "'x'", "2.5"], ""),
    (#"{"b":"y","a":7}"#, ["7", "'y'", "-"], ""),
    (#"{}"#, ["-", "-", "-"], ""),
    ("{\n  \"a\": 3,\n  \"b\": \"multi\"\n}\n", ["3", "'multi'", "-"], ""),
    (#"{"a":4}"# + "\r\n", ["4", "-", "-"], ""),
    (nil, nil, "tombstone"),
    ("", nil, "empty"),
    (" \t\r\n ", nil, "empty"),
    (#"{"a":"one"}"#, nil, "a: expected"),
    (#"{"a":1"#, nil, ""),
    ("{\"b\":\"line\nfeed\"}", nil, "b"),
    ("{\"a\":1}\n{\"a\":2}", nil, ""),
    (#"{"b":"unclosed}"#, nil, ""),
  ]

  private static let csvKinds: [(value: String?, row: [String]?, reason: String)] = [
    ("1,x,2.5", ["1", "'x'", "2.5"], ""),
    ("2,\"quoted, with \"\"quotes\"\"\",3", ["2", "'quoted, with \"quotes\"'", "3.0"], ""),
    ("3,\"two\nlines\",", ["3", "'two\nlines'", "-"], ""),
    ("4,,\n", ["4", "-", "-"], ""),
    (nil, nil, "tombstone"),
    ("", nil, "empty"),
    ("5,\"never closed,1", nil, ""),
    ("6,stray\"quote,\"1", nil, ""),
    ("7,x", nil, ""),
    ("8,x,1\n9,y,2", nil, "more than one record"),
  ]

  @Test(arguments: [UInt64](1...20))
  func `every JSON message has its own fate, whatever stands beside it`(seed: UInt64) {
    check(Self.jsonKinds, Self.json, seed)
  }

  @Test(arguments: [UInt64](1...20))
  func `every CSV message has its own fate, whatever stands beside it`(seed: UInt64) {
    check(Self.csvKinds, Self.csv, seed)
  }

  private func check(
    _ kinds: [(value: String?, row: [String]?, reason: String)], _ layout: MessageLayout,
    _ seed: UInt64
  ) {
    print("seed \(seed)")
    var dice = SeededGenerator(seed: seed)
    // Plain messages prevail in some streams, so that there are long runs of them.
    let plainShare = Int.random(in: 0...100, using: &dice)
    var offset = Int.random(in: 0...5, using: &dice)
    let start = offset
    var messages: [TestMessage] = []
    var expected: [(offset: Int, row: [String]?, reason: String)] = []
    for _ in 0..<Int.random(in: 1...60, using: &dice) {
      let isPlain = Int.random(in: 0..<100, using: &dice) < plainShare
      let kind = kinds[isPlain ? 0 : Int.random(in: 0..<kinds.count, using: &dice)]
      offset += Bool.random(using: &dice) ? 0 : Int.random(in: 0...3, using: &dice)
      messages.append(TestMessage(offset, kind.value))
      expected.append((offset, kind.row, kind.reason))
      offset += 1
    }
    let end = offset + Int.random(in: 0...2, using: &dice)
    let block = MessageBlock(
      messages, layout, from: start, to: end, group: Int.random(in: 1...9, using: &dice))
    #expect(block.firstOffset + block.count == end)
    for limit in [1, 2, 1000] {
      let outcomes = block.outcomes(Self.schema, limit: limit)
      #expect(outcomes.map(\.offset) == expected.map(\.offset))
      for (found, wanted) in zip(outcomes, expected) {
        #expect(found.row == wanted.row, "\(found)")
        #expect(found.reason?.contains(wanted.reason) ?? true, "\(found), not \(wanted.reason)")
      }
    }
    for message in messages {
      let position = message.offset - start
      #expect(block.copy(position..<position + 1) == message.value ?? [])
    }
    #expect(block.copy(0..<block.count) == messages.flatMap { $0.value ?? [] })
  }

  @Test func `values of tf.Example are framed as TFRecordWriter frames them`() {
    let values: [[UInt8]] = [[], [0x0A, 0x00], Array(repeating: 0x0A, count: 300), [0x22]]
    var messages = values.indices.map { TestMessage($0, "") }
    for index in values.indices { messages[index].value = values[index] }
    let block = MessageBlock(messages, MessageLayout(format: .tfExample))
    var writer = ByteWriter()
    for value in values { TFRecordWriter.append(value, to: &writer) }
    #expect(block.values.copy(0..<block.values.count) == Array(writer.bytes))
    #expect(values.indices.map { block.copy($0..<$0 + 1) } == values)
    let outcomes = block.outcomes(Schema([Field("a", .int64)]), limit: 10)
    #expect(outcomes.map { $0.row != nil } == [true, true, false, false])
  }

  @Test func `what a message has beside its value is found on the right rows`() {
    var messages: [TestMessage] = []
    for offset in 100..<130 {
      var message = TestMessage(offset, offset % 4 == 1 ? "poison" : #"{"a":\#(offset)}"#)
      message.key = offset % 5 == 2 ? nil : Array("key \(offset)".utf8)
      message.headers = offset % 3 == 0 ? ["x": Array("é\(offset)".utf8)] : ["y": [1]]
      message.timestamp = offset % 7 == 0 ? .min : Int64(offset) * 1000
      messages.append(message)
    }
    messages[3].key = [0xFF]
    let names = ["__timestamp", "__key", "a", "__headers.x", "__topic", "__partition", "__offset"]
    let schema = Schema(
      names.map { MessageColumn(named: $0)?.field(named: $0) ?? Field($0, .int64) })
    let layout = MessageLayout(format: .json, texts: [.key, .header("x")], hasTimestamps: true)
    let buffer = PaddedBuffer(capacity: 0)
    buffer.hold(MessageBlock(messages, layout, partition: 6, from: 100))
    var decoder = MessageDecoder(schema, layout: layout, topic: "rides")
    let decoded = decoder.decode(buffer, from: 4, limit: 1000)
    let rows = (0..<decoded.batch.rowCount).map { row in
      decoded.batch.columns.map { $0.text(row) }
    }
    let expected = (104..<130).filter { $0 % 4 != 1 }.map { offset in
      [
        offset % 7 == 0 ? "-" : "\(offset * 1000)", offset % 5 == 2 ? "-" : "'key \(offset)'",
        "\(offset)", offset % 3 == 0 ? "'é\(offset)'" : "-", "'rides'", "6", "\(offset)",
      ]
    }
    #expect(rows == expected)
    let bad = decoder.decode(buffer, from: 3, limit: 1000)
    #expect(bad.batch.rowCount == 0 && bad.end == 4)
    #expect(bad.badRecords.map(\.reason) == ["__key: not UTF-8"])
  }
}
