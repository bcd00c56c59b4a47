import ByteCoding
import DataflowTesting
import ONNXOperators
import Testing

/// The hashes of the operators against those of the engine, which are held against TensorFlow.
@Suite struct StringHashTests {
  @Test func `both hashes are the engine's for strings of every length`() {
    var generator = SeededGenerator(seed: 20_260)
    for length in 0...400 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let fast = unsafe string_fingerprint64(bytes, length)
      #expect(fast == fingerprint64(bytes), "length \(length)")
      let key = SipHashKey(.random(in: 0...(.max), using: &generator), UInt64(length))
      let strong = unsafe string_siphash(bytes, length, key.first, key.second)
      #expect(strong == sipHash(bytes, key: key), "length \(length)")
    }
  }
}
