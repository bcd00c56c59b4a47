/// Integers in the order of the doubles: −∞ … −0, 0 … ∞, then NaN (and a negative NaN first).
enum OrderedKey {
  static let positiveInfinity = key(.infinity)
  static let negativeInfinity = key(-.infinity)

  @inline(__always)
  static func key(_ value: Double) -> Int64 {
    let bits = Int64(bitPattern: value.bitPattern)
    return bits ^ (bits >> 63 & .max)
  }

  @inline(__always)
  static func value(_ key: Int64) -> Double {
    Double(bitPattern: UInt64(bitPattern: key ^ (key >> 63 & .max)))
  }
}
