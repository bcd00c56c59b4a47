/// The 128-bit key of a ``sipHash(_:key:)-(UnsafeRawBufferPointer,_)``.
public struct SipHashKey: Hashable, Sendable {
  public var first: UInt64
  public var second: UInt64

  public init(_ first: UInt64, _ second: UInt64) {
    self.first = first
    self.second = second
  }
}

/// SipHash-2-4 of `bytes` under `key`.
///
/// `tf.strings.to_hash_bucket_strong(s, n, key=[k0, k1])` is this modulo `n`, unsigned.
/// Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012.
public func sipHash(_ bytes: UnsafeRawBufferPointer, key: SipHashKey) -> UInt64 {
  var state = SipState(key)
  var offset = 0
  while offset + 8 <= bytes.count {
    state.absorb(
      unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
    offset += 8
  }
  var last = UInt64(truncatingIfNeeded: bytes.count) << 56
  for position in offset..<bytes.count {
    last |= unsafe UInt64(bytes[position]) << UInt64(8 * (position - offset))
  }
  state.absorb(last)
  return state.finish()
}

/// SipHash-2-4 of `bytes` under `key`.
public func sipHash(_ bytes: [UInt8], key: SipHashKey) -> UInt64 {
  unsafe bytes.withUnsafeBytes { unsafe sipHash($0, key: key) }
}

/// SipHash-2-4 of `bytes` under `key`.
public func sipHash(_ bytes: ArraySlice<UInt8>, key: SipHashKey) -> UInt64 {
  unsafe bytes.withUnsafeBytes { unsafe sipHash($0, key: key) }
}

/// SipHash-2-4 of the UTF-8 bytes of `string` under `key`.
public func sipHash(_ string: String, key: SipHashKey) -> UInt64 {
  var string = string
  return string.withUTF8 { unsafe sipHash(UnsafeRawBufferPointer($0), key: key) }
}

/// The four words of a SipHash; all arithmetic wraps, as the algorithm is defined.
private struct SipState {
  private var v0: UInt64
  private var v1: UInt64
  private var v2: UInt64
  private var v3: UInt64

  init(_ key: SipHashKey) {
    v0 = key.first ^ 0x736F_6D65_7073_6575
    v1 = key.second ^ 0x646F_7261_6E64_6F6D
    v2 = key.first ^ 0x6C79_6765_6E65_7261
    v3 = key.second ^ 0x7465_6462_7974_6573
  }

  mutating func absorb(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  mutating func finish() -> UInt64 {
    v2 ^= 0xFF
    for _ in 0..<4 { round() }
    return v0 ^ v1 ^ v2 ^ v3
  }

  @inline(__always)
  private mutating func round() {
    v0 &+= v1
    v1 = Self.rotate(v1, 13) ^ v0
    v0 = Self.rotate(v0, 32)
    v2 &+= v3
    v3 = Self.rotate(v3, 16) ^ v2
    v0 &+= v3
    v3 = Self.rotate(v3, 21) ^ v0
    v2 &+= v1
    v1 = Self.rotate(v1, 17) ^ v2
    v2 = Self.rotate(v2, 32)
  }

  @inline(__always)
  private static func rotate(_ value: UInt64, _ shift: UInt64) -> UInt64 {
    value &<< shift | value &>> (64 &- shift)
  }
}
