import ByteCoding
import Testing

@Suite struct WireTests {
  @Test func `fields of every layout come back`() throws {
    var writer = ByteWriter()
    writer.append(field: 1, varint: UInt64.max)
    writer.append(field: 2, varint: Int64(-1))
    writer.append(field: 15, fixed64: 0x0102_0304_0506_0708)
    writer.append(field: 16, float: -2.5)
    writer.append(field: 536_870_911, string: "é")
    writer.append(field: 3) { inner in inner.append(field: 1, double: 0.1) }
    var reader = ByteReader(writer.bytes)
    #expect(try reader.readField() == WireField(1, .varint(.max)))
    #expect(try reader.readField() == WireField(2, .varint(.max)))
    #expect(try reader.readField() == WireField(15, .fixed64(0x0102_0304_0506_0708)))
    #expect(try reader.readField() == WireField(16, .fixed32(Float(-2.5).bitPattern)))
    #expect(try reader.readField() == WireField(536_870_911, .bytes([0xC3, 0xA9])))
    let inner = try reader.readField()
    guard case .bytes(let message)? = inner?.value else {
      Issue.record("\(String(describing: inner))")
      return
    }
    var nested = ByteReader(message)
    #expect(try nested.readField() == WireField(1, .fixed64((0.1).bitPattern)))
    #expect(try reader.readField() == nil)
  }

  @Test func `the bytes are those of the protocol-buffer documentation`() {
    var writer = ByteWriter()
    writer.append(field: 1, varint: UInt64(150))
    writer.append(field: 2, string: "testing")
    #expect(writer.bytes == [0x08, 0x96, 0x01, 0x12, 0x07] + Array("testing".utf8))
  }

  @Test(arguments: [0, 1, 125, 126, 127, 128, 16_383, 16_384, 70_000])
  func `a message has its length before it, however long`(count: Int) throws {
    let content = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    var writer = ByteWriter()
    writer.append(field: 7, varint: UInt64(1))
    writer.append(field: 1) { $0.append(field: 2) { $0.append(contentsOf: content) } }
    writer.append(field: 8, varint: UInt64(2))
    var inner = ByteWriter()
    inner.append(field: 2, bytes: content)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.readField() == WireField(7, .varint(1)))
    #expect(try reader.readField() == WireField(1, .bytes(inner.bytes[...])))
    #expect(try reader.readField() == WireField(8, .varint(2)))
    #expect(reader.isAtEnd)
  }

  @Test(
    arguments: [
      ([0x00, 0x00], "0 is no field number"),
      ([0x0B], "field 1 has the unsupported wire type 3"),
      ([0x0E], "field 1 has the unsupported wire type 6"),
      ([0x0A, 0x05, 0x61], "5 bytes are promised, 1 left"),
      ([0x08], "the data end here"),
      ([0x0D, 1, 2, 3], "4 bytes are promised, 3 left"),
      ([0x08] + [UInt8](repeating: 0xFF, count: 10), "a varint is longer than 64 bits"),
    ] as [([UInt8], String)])
  func `broken fields say what is wrong`(bytes: [UInt8], reason: String) {
    var reader = ByteReader(bytes)
    #expect { try reader.readField() } throws: { ($0 as? ByteCodingError)?.reason == reason }
  }

  @Test func `skipping passes over exactly one value`() throws {
    var writer = ByteWriter()
    writer.append(field: 1, varint: UInt64(1 << 40))
    writer.append(field: 2, fixed64: 1)
    writer.append(field: 3, bytes: [1, 2, 3])
    writer.append(field: 4, fixed32: 1)
    var reader = ByteReader(writer.bytes)
    for number in 1...4 {
      let tag = try reader.readTag()
      #expect(tag.number == number)
      try reader.skip(tag.type)
    }
    #expect(reader.isAtEnd)
  }
}
