import ByteCoding
import Testing

@testable import CommandLineTool

@Suite struct RowFormatTests {
  private func texts(_ format: RowFormat, _ text: String) throws -> [String] {
    try format.records(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `a message is a line of JSON`() throws {
    #expect(try texts(.jsonl, "{\"a\":1}\n{\"a\":2}\n") == ["{\"a\":1}", "{\"a\":2}"])
    #expect(try texts(.jsonl, "").isEmpty)
  }

  @Test func `a message is a line of CSV without the header, line ends in quotes included`() throws
  {
    let text = "a,b\n1,\"x\ny\"\n2,\"say \"\"hi\"\"\"\n3,\n"
    #expect(try texts(.csv, text) == ["1,\"x\ny\"", "2,\"say \"\"hi\"\"\"", "3,"])
    #expect(try texts(.csv, "a,b\n").isEmpty)
  }

  @Test func `a message is an example without its frame`() throws {
    var writer = ByteWriter()
    for data in [[1, 2, 3], [], [0x0A]] as [[UInt8]] {
      writer.append(littleEndian: UInt64(data.count))
      writer.append(littleEndian: UInt32(0))
      writer.append(contentsOf: data)
      writer.append(littleEndian: UInt32(0))
    }
    #expect(
      try RowFormat.tfrecord.records(writer.bytes).map(Array.init) == [[1, 2, 3], [], [0x0A]])
    let cut = Array(writer.bytes.dropLast())
    #expect(throws: ByteCodingError.self) { try RowFormat.tfrecord.records(cut) }
  }
}
