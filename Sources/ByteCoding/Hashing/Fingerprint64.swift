/// FarmHash's `Fingerprint64` of `bytes`: the same on every platform and in every version.
///
/// `tf.strings.to_hash_bucket_fast(s, n)` is this modulo `n`, unsigned.
/// Source: `farmhashna::Hash64` in google/farmhash, as TensorFlow 2.21 ships it.
public func fingerprint64(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  guard let start = bytes.baseAddress else { return FarmHash.k2 }
  let hash = unsafe FarmHash(start: start, count: bytes.count)
  switch bytes.count {
  case ...16: return hash.upTo16()
  case ...32: return hash.upTo32()
  case ...64: return hash.upTo64()
  default: return hash.long()
  }
}

/// FarmHash's `Fingerprint64` of `bytes`.
public func fingerprint64(_ bytes: [UInt8]) -> UInt64 {
  unsafe bytes.withUnsafeBytes { unsafe fingerprint64($0) }
}

/// FarmHash's `Fingerprint64` of `bytes`.
public func fingerprint64(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  unsafe bytes.withUnsafeBytes { unsafe fingerprint64($0) }
}

/// FarmHash's `Fingerprint64` of the UTF-8 bytes of `string`.
public func fingerprint64(_ string: String) -> UInt64 {
  var string = string
  return string.withUTF8 { unsafe fingerprint64(UnsafeRawBufferPointer($0)) }
}

/// One hash in progress; all arithmetic wraps, as the algorithm is defined.
@safe private struct FarmHash {
  static let k0: UInt64 = 0xC3A5_C85C_97CB_3127
  static let k1: UInt64 = 0xB492_B66F_BE98_F273
  static let k2: UInt64 = 0x9AE1_6A3B_2F90_404F

  typealias Pair = (first: UInt64, second: UInt64)

  private let start: UnsafeRawPointer
  private let count: Int

  /// Every load of a method stays inside `count` bytes at `start`.
  init(start: UnsafeRawPointer, count: Int) {
    unsafe self.start = start
    self.count = count
  }

  /// The multiplier that carries the length of short inputs.
  private var lengthFactor: UInt64 { Self.k2 &+ UInt64(count) &* 2 }

  func upTo16() -> UInt64 {
    let factor = lengthFactor
    if count >= 8 {
      let a = word(0) &+ Self.k2
      let b = word(count - 8)
      return Self.mix(
        Self.rotate(b, 37) &* factor &+ a, (Self.rotate(a, 25) &+ b) &* factor, factor)
    }
    if count >= 4 {
      return Self.mix(
        UInt64(count) &+ (halfWord(0) << 3), halfWord(count - 4), factor)
    }
    guard count > 0 else { return Self.k2 }
    let y = UInt64(byte(0)) &+ UInt64(byte(count >> 1)) << 8
    let z = UInt64(count) &+ UInt64(byte(count - 1)) << 2
    return Self.shiftMix(y &* Self.k2 ^ z &* Self.k0) &* Self.k2
  }

  func upTo32() -> UInt64 {
    let factor = lengthFactor
    let a = word(0) &* Self.k1
    let b = word(8)
    let c = word(count - 8) &* factor
    let d = word(count - 16) &* Self.k2
    return Self.mix(
      Self.rotate(a &+ b, 43) &+ Self.rotate(c, 30) &+ d,
      a &+ Self.rotate(b &+ Self.k2, 18) &+ c, factor)
  }

  func upTo64() -> UInt64 {
    let factor = lengthFactor
    let a = word(0) &* Self.k2
    let b = word(8)
    let c = word(count - 8) &* factor
    let d = word(count - 16) &* Self.k2
    let y = Self.rotate(a &+ b, 43) &+ Self.rotate(c, 30) &+ d
    let z = Self.mix(y, a &+ Self.rotate(b &+ Self.k2, 18) &+ c, factor)
    let e = word(16) &* factor
    let f = word(24)
    let g = (y &+ word(count - 32)) &* factor
    let h = (z &+ word(count - 24)) &* factor
    return Self.mix(
      Self.rotate(e &+ f, 43) &+ Self.rotate(g, 30) &+ h,
      e &+ Self.rotate(f &+ a, 18) &+ g, factor)
  }

  /// More than 64 bytes: blocks of 64, then the last 64 bytes once more.
  func long() -> UInt64 {
    let seed: UInt64 = 81
    var x = seed &* Self.k2 &+ word(0)
    var y = seed &* Self.k1 &+ 113
    var z = Self.shiftMix(y &* Self.k2 &+ 113) &* Self.k2
    var v: Pair = (0, 0)
    var w: Pair = (0, 0)
    let end = (count - 1) / 64 * 64
    for at in stride(from: 0, to: end, by: 64) {
      round(at, Self.k1, &x, &y, &z, &v, &w, nine: 1)
    }
    let factor = Self.k1 &+ ((z & 0xFF) << 1)
    w.first &+= UInt64(count - 1) & 63
    v.first &+= w.first
    w.first &+= v.first
    round(count - 64, factor, &x, &y, &z, &v, &w, nine: 9)
    return Self.mix(
      Self.mix(v.first, w.first, factor) &+ Self.shiftMix(y) &* Self.k0 &+ z,
      Self.mix(v.second, w.second, factor) &+ x, factor)
  }

  /// Takes in the 64 bytes at `at`; `nine` is 1, or 9 in the last round.
  @inline(__always)
  private func round(
    _ at: Int, _ factor: UInt64, _ x: inout UInt64, _ y: inout UInt64, _ z: inout UInt64,
    _ v: inout Pair, _ w: inout Pair, nine: UInt64
  ) {
    x = Self.rotate(x &+ y &+ v.first &+ word(at + 8), 37) &* factor
    y = Self.rotate(y &+ v.second &+ word(at + 48), 42) &* factor
    x ^= w.second &* nine
    y = y &+ v.first &* nine &+ word(at + 40)
    z = Self.rotate(z &+ w.first, 33) &* factor
    v = weak(at, v.second &* factor, x &+ w.first)
    w = weak(at + 32, z &+ w.second, y &+ word(at + 16))
    swap(&z, &x)
  }

  @inline(__always)
  private func weak(_ at: Int, _ first: UInt64, _ second: UInt64) -> Pair {
    let a = first &+ word(at)
    let last = word(at + 24)
    let total = a &+ word(at + 8) &+ word(at + 16)
    let b = Self.rotate(second &+ a &+ last, 21) &+ Self.rotate(total, 44)
    return (total &+ last, b &+ a)
  }

  @inline(__always)
  private func word(_ at: Int) -> UInt64 {
    unsafe UInt64(littleEndian: (start + at).loadUnaligned(as: UInt64.self))
  }

  @inline(__always)
  private func halfWord(_ at: Int) -> UInt64 {
    unsafe UInt64(UInt32(littleEndian: (start + at).loadUnaligned(as: UInt32.self)))
  }

  @inline(__always)
  private func byte(_ at: Int) -> UInt8 { unsafe start.load(fromByteOffset: at, as: UInt8.self) }

  @inline(__always)
  private static func rotate(_ value: UInt64, _ shift: UInt64) -> UInt64 {
    value &>> shift | value &<< (64 &- shift)
  }

  @inline(__always)
  private static func shiftMix(_ value: UInt64) -> UInt64 { value ^ value >> 47 }

  @inline(__always)
  private static func mix(_ u: UInt64, _ v: UInt64, _ factor: UInt64) -> UInt64 {
    let a = shiftMix((u ^ v) &* factor)
    return shiftMix((v ^ a) &* factor) &* factor
  }
}
