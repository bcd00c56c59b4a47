import Foundation
import Testing

/// The golden vectors that TensorFlow wrote; see `Tests/Fixtures/tensorflow/PROVENANCE`.
struct HashVectors: Decodable {
  struct Vector: Decodable {
    let b64: String
    let fingerprint64: String
    let siphash24KeyA: String
    let siphash24KeyB: String
    let siphash24KeyC: String

    enum CodingKeys: String, CodingKey {
      case b64, fingerprint64
      case siphash24KeyA = "siphash24_key_123_456"
      case siphash24KeyB = "siphash24_key_0_0"
      case siphash24KeyC = "siphash24_key_506097522914230528_1084818905618843912"
    }

    func bytes() throws -> [UInt8] { [UInt8](try #require(Data(base64Encoded: b64))) }
  }
  let vectors: [Vector]
}

struct ChecksumVectors: Decodable {
  struct Vector: Decodable {
    let b64: String
    let crc32c: UInt32
    let masked: UInt32
  }
  let crc32c: [Vector]
}

func fixture<Value: Decodable>(_ name: String, as _: Value.Type) throws -> Value {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  let file = folder.appending(path: "Fixtures/tensorflow/\(name)")
  let decoder = JSONDecoder()
  decoder.allowsJSON5 = true  // The vectors hold `Infinity`.
  return try decoder.decode(Value.self, from: Data(contentsOf: file))
}
