import ByteCoding
import Columns
import Formats
import Foundation
import Testing

struct TensorFlowVectors: Decodable {
  struct Record: Decodable {
    let payload: String
    let framed: String

    enum CodingKeys: String, CodingKey {
      case payload = "payload_b64"
      case framed = "framed_b64"
    }
  }
  struct Example: Decodable {
    let name: String
    let b64: String
  }
  let records: [Record]
  let examples: [Example]

  static func read() throws -> TensorFlowVectors {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true  // The vectors hold `Infinity`.
    let bytes = try fixture("tensorflow/tfrecord_example_vectors.json")
    return try decoder.decode(TensorFlowVectors.self, from: Data(bytes))
  }
}

func framed(_ payloads: [[UInt8]]) -> [UInt8] {
  var writer = ByteWriter()
  for payload in payloads { TFRecordWriter.append(payload, to: &writer) }
  return writer.bytes
}

@Suite struct TFRecordTests {
  static let schema = Schema([Field("i", .int64)])

  static func example(_ value: Int64) -> [UInt8] {
    let column = Column.int64(Int64Column([value]))
    return TFExampleEncoder(schema).encode(
      RecordBatch(schema: schema, rowCount: 1, columns: [column]))[0]
  }

  @Test func `records are framed as TensorFlow frames them`() throws {
    for record in try TensorFlowVectors.read().records {
      let payload = [UInt8](try #require(Data(base64Encoded: record.payload)))
      #expect(framed([payload]) == [UInt8](try #require(Data(base64Encoded: record.framed))))
    }
  }

  @Test func `whole records are a prefix of any cut`() {
    let payloads = (0..<5).map { [UInt8](repeating: 7, count: 3 * $0) }
    let bytes = framed(payloads)
    let ends = (0...5).map { framed(Array(payloads.prefix($0))).count }
    for count in 0...bytes.count {
      let prefix = TFRecordFraming().wholeRecordPrefix(of: PaddedBuffer(bytes.prefix(count)))
      #expect(prefix == ends.last { $0 <= count })
    }
  }

  @Test func `any flipped bit is noticed, and costs no more than it must`() throws {
    let bytes = framed([Self.example(1), Self.example(2), Self.example(3)])
    let size = bytes.count / 3
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 1 << UInt8(position % 8)
      var decoder = TFExampleDecoder(Self.schema)
      let decoded = DecodedRows(&decoder, damaged, framing: TFRecordFraming(), chunk: 30)
      let record = position / size
      let isLength = position % size < 12
      let kept =
        isLength ? Array(1...3).prefix(record) : [1, 2, 3].filter { $0 != record + 1 }[...]
      #expect(decoded.rows == kept.map { ["\($0)"] }, "byte \(position)")
      #expect(decoded.bad.count == 1)
      let reason =
        isLength
        ? "the checksum of the length is wrong: the rest of the split cannot be read"
        : "the checksum of the data is wrong"
      #expect(decoded.bad[0].hasSuffix(reason))
    }
  }

  @Test func `a file that is cut off keeps its whole records`() {
    let bytes = framed([Self.example(1), Self.example(2)])
    for count in 1..<bytes.count {
      var decoder = TFExampleDecoder(Self.schema)
      let decoded = DecodedRows(
        &decoder, Array(bytes.prefix(count)), framing: TFRecordFraming(), chunk: 9)
      #expect(decoded.rows.count == count / (bytes.count / 2))
      let rest = count % (bytes.count / 2)
      #expect(decoded.bad.count == (rest == 0 ? 0 : 1))
      if rest > 0 { #expect(decoded.bad[0].hasSuffix("cut short after \(rest) bytes")) }
    }
  }
}
