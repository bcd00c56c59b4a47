import ByteCoding
import Columns
import Formats
import Foundation
import Testing

@Suite struct TFExampleTests {
  private func decode(_ message: [UInt8], _ schema: Schema) -> DecodedRows {
    var decoder = TFExampleDecoder(schema)
    return DecodedRows(&decoder, framed([message]))
  }

  private func reasons(_ message: [UInt8], _ schema: Schema) -> [String] {
    var decoder = TFExampleDecoder(schema)
    let buffer = PaddedBuffer(framed([message]))
    return decoder.decode(buffer, from: 0, limit: 9).badRecords.map(\.reason)
  }

  /// An Example with one feature: list `kind` holding `list`.
  private func message(_ name: String, kind: Int, _ list: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(field: 1) { features in
      features.append(field: 1) { entry in
        entry.append(field: 1, string: name)
        entry.append(field: 2) { $0.append(field: kind, bytes: list) }
      }
    }
    return writer.bytes
  }

  @Test func `messages that TensorFlow wrote decode as it decodes them`() throws {
    let examples = try TensorFlowVectors.read().examples
    let lists = Schema([
      Field("f", .list(.float32)), Field("i", .list(.int64)), Field("n", .int64),
      Field("naïve", .int64),
    ])
    let expected = [
      "empty": ["-", "-", "-", "-"],
      "all kinds": [
        "[1.5 -0.0 inf]", "[0 1 -1 9223372036854775807 -9223372036854775808]", "-", "-",
      ],
      "unpacked repeated": ["[1.0 2.0]", "[3 -4]", "-", "-"],
      "empty lists": ["[]", "[]", "-", "-"],
      "no kind set": ["-", "-", "-", "-"],
      "utf8 name": ["-", "-", "-", "7"],
    ]
    #expect(Set(examples.map(\.name)) == Set(expected.keys))
    for example in examples {
      let bytes = [UInt8](try #require(Data(base64Encoded: example.b64)))
      let decoded = decode(bytes, lists)
      #expect(decoded.bad == [])
      #expect(decoded.rows == [try #require(expected[example.name])], "\(example.name)")
    }
    let kinds = try #require(examples.first { $0.name == "all kinds" })
    let bytes = [UInt8](try #require(Data(base64Encoded: kinds.b64)))
    // Its third value is the byte 0xFF.
    #expect(reasons(bytes, Schema([Field("b", .list(.string))])) == ["b: invalid UTF-8"])
    #expect(reasons(bytes, Schema([Field("f", .float64)])) == ["f: expected one value, found 3"])
  }

  @Test func `values follow the types of the schema`() {
    let integers = message("v", kind: 3, [0x0A, 0x01, 0x01])
    for (type, text) in [
      (DataType.int64, "1"), (.float64, "1.0"), (.float32, "1.0"), (.bool, "true"),
      (.list(.bool), "[true]"), (.list(.float64), "[1.0]"),
    ] {
      #expect(decode(integers, Schema([Field("v", type)])).rows == [[text]])
    }
    for (unit, text) in [
      (TimestampUnit.seconds, "1000000"), (.milliseconds, "1000"), (.microseconds, "1"),
    ] {
      let field = Field("v", .timestamp, timestampUnit: unit)
      #expect(decode(integers, Schema([field])).rows == [[text]])
    }
    let day = message("v", kind: 1, [0x0A, 0x0A] + Array("1970-01-02".utf8))
    #expect(decode(day, Schema([Field("v", .timestamp)])).rows == [["86400000000"]])
    let tenth = message("v", kind: 2, [0x0A, 0x04, 0xCD, 0xCC, 0xCC, 0x3D])
    #expect(decode(tenth, Schema([Field("v", .float64)])).rows == [["\(Double(Float(0.1)))"]])
  }

  @Test func `values of other types make the record bad`() {
    let two = message("v", kind: 3, [0x0A, 0x01, 0x02])
    let float = message("v", kind: 2, [0x0D, 0, 0, 0x80, 0x3F])
    let text = message("v", kind: 1, [0x0A, 0x01, 0x61])
    let far = message("v", kind: 3, [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
    let seconds = Field("v", .timestamp, timestampUnit: .seconds)
    #expect(reasons(two, Schema([Field("v", .bool)])) == ["v: expected a bool, found 2"])
    #expect(reasons(two, Schema([Field("v", .string)])) == ["v: expected bytes, found integers"])
    #expect(reasons(float, Schema([Field("v", .int64)])) == ["v: expected integers, found floats"])
    #expect(reasons(float, Schema([seconds])) == ["v: expected integers, found floats"])
    #expect(reasons(text, Schema([Field("v", .float64)])) == ["v: expected a number, found bytes"])
    #expect(
      reasons(text, Schema([Field("v", .timestamp)])) == ["v: expected RFC 3339 text, found a"])
    #expect(reasons(far, Schema([seconds])) == ["v: number out of range: \(Int64.max)"])
  }

  @Test func `the last of equal names wins, and lists of one kind are joined`() {
    let schema = Schema([Field("v", .list(.int64))])
    let first = message("v", kind: 3, [0x08, 1])
    #expect(decode(first + message("v", kind: 3, [0x08, 2]), schema).rows == [["[2]"]])
    var both = ByteWriter()
    both.append(field: 1) { features in
      features.append(field: 1) { entry in
        entry.append(field: 2) {
          $0.append(field: 3, bytes: [0x08, 1])
          $0.append(field: 3, bytes: [0x0A, 2, 2, 3])
        }
        entry.append(field: 1, string: "v")
        entry.append(field: 9, varint: UInt64(5))
      }
    }
    #expect(decode(both.bytes, schema).rows == [["[1 2 3]"]])
  }

  @Test func `a message cut anywhere is bad or a prefix, never more`() {
    let whole = message("value", kind: 3, [0x0A, 0x02, 0x80, 0x01])
    for count in 1..<whole.count {
      let reason = reasons(Array(whole.prefix(count)), Schema([Field("value", .int64)]))
      #expect(reason.count == 1 && reason[0].contains("not a tf.Example"), "\(count): \(reason)")
      let skipped = reasons(Array(whole.prefix(count)), Schema([Field("other", .int64)]))
      #expect(skipped == reason.map { $0.replacing("value: ", with: "") })
    }
  }

  @Test func `rows that were encoded come back`() throws {
    var json = JSONLDecoder(rides)
    let bytes = try fixture("rides/rows200.jsonl")
    let batch = json.decode(PaddedBuffer(bytes), from: 0, limit: 1000).batch
    let records = TFExampleEncoder(rides).records(batch)
    var decoder = TFExampleDecoder(rides)
    var again = JSONLDecoder(rides)
    let decoded = DecodedRows(&decoder, records, framing: TFRecordFraming(), chunk: 5000)
    #expect(decoded == DecodedRows(&again, bytes))
    #expect(decoded.rows.count == 200)
  }

  @Test func `the rides decode as their JSON lines do`() throws {
    var tfrecord = TFExampleDecoder(rides)
    var json = JSONLDecoder(rides)
    let decoded = DecodedRows(
      &tfrecord, try fixture("rides/rows200.tfrecord"), framing: TFRecordFraming(), chunk: 4096,
      limit: 64)
    #expect(decoded.rows.count == 200)
    #expect(decoded == DecodedRows(&json, try fixture("rides/rows200.jsonl")))
  }

  @Test func `mutated messages give one record each and leave their neighbours alone`() throws {
    var random = SeededRandom(seed: 77)
    let good = message("v", kind: 3, [0x08, 1])
    let schema = Schema([Field("v", .int64), Field("w", .string)])
    for _ in 0..<20_000 {
      var mutated = message("w", kind: 1, [0x0A, 0x03, 0x61, 0x62, 0x63]) + good
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        mutated[Int.random(in: mutated.indices, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      let bytes = framed([good, mutated, good])
      var decoder = TFExampleDecoder(schema)
      let decoded = DecodedRows(&decoder, bytes)
      var full = TFExampleDecoder(schema, usesPlainPath: false)
      #expect(decoded == DecodedRows(&full, bytes), "the fast path differs: \(mutated)")
      #expect(decoded.rows.count + decoded.bad.count == 3)
      #expect(decoded.rows.first == ["1", "-"] && decoded.rows.last == ["1", "-"])
    }
  }
}
