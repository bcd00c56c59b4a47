import ByteCoding
import Testing

@Suite struct Fingerprint64Tests {
  @Test func `every length class agrees with TensorFlow`() throws {
    let vectors = try fixture("hash_vectors.json", as: HashVectors.self).vectors
    #expect(vectors.count == 200)
    for vector in vectors {
      let bytes = try vector.bytes()
      #expect(fingerprint64(bytes) == UInt64(vector.fingerprint64), "\(bytes.count) bytes")
      #expect(fingerprint64(([7] + bytes)[1...]) == UInt64(vector.fingerprint64))
    }
  }

  @Test func `a string is hashed by its UTF-8 bytes`() {
    #expect(fingerprint64("") == 0x9AE1_6A3B_2F90_404F)
    #expect(fingerprint64("naïve") == fingerprint64(Array("naïve".utf8)))
  }
}

@Suite struct SipHashTests {
  @Test func `agrees with TensorFlow under three keys`() throws {
    let vectors = try fixture("hash_vectors.json", as: HashVectors.self).vectors
    for vector in vectors {
      let bytes = try vector.bytes()
      let sequential = SipHashKey(506_097_522_914_230_528, 1_084_818_905_618_843_912)
      #expect(sipHash(bytes, key: SipHashKey(123, 456)) == UInt64(vector.siphash24KeyA))
      #expect(sipHash(bytes, key: SipHashKey(0, 0)) == UInt64(vector.siphash24KeyB))
      #expect(sipHash(bytes, key: sequential) == UInt64(vector.siphash24KeyC))
    }
  }

  @Test func `agrees with the paper's appendix`() {
    // Key 00…0f; messages 00…(n − 1).
    let key = SipHashKey(0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908)
    #expect(sipHash("", key: key) == 0x726F_DB47_DD0E_0E31)
    #expect(sipHash([UInt8](0..<15), key: key) == 0xA129_CA61_49BE_45E5)
  }
}
