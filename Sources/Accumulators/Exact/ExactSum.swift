/// An exact sum of doubles, of products of doubles and of integers, whatever their order.
///
/// A superaccumulator in carry-save form: digit `i` counts multiples of `2^(32·(low + i) − 2176)`
/// in 64 bits, so that carries are propagated once in 2^30 additions. Covers every product of two
/// doubles and 2^63 additions of them. NaN and infinities are remembered apart and decide `value`.
///
/// Source: Neal, *Fast exact summation using small and large superaccumulators*,
/// arXiv:1505.05571, section 2; the window of digits is our own.
public struct ExactSum: Sendable {
  /// The exponent of digit 0.
  static let baseExponent = -2176

  /// Which values that are no numbers were added.
  struct Specials: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    static let positiveInfinity = Specials(rawValue: 1)
    static let negativeInfinity = Specials(rawValue: 2)
    static let nan = Specials(rawValue: 4)
  }

  private(set) var digits: [Int64] = []
  private(set) var low = 0
  /// `|digit| < (pending + 1)·2^32` for every digit but the last, and the last is far from 2^63.
  private var pending = 0
  var specials: Specials = []

  public init() {}

  /// The sum of `values`.
  public init(_ values: some Sequence<Double>) {
    for value in values { add(value) }
  }

  public mutating func add(_ value: Double) {
    guard value.isFinite else { return add(special: value) }
    let parts = BinaryParts(value)
    add(UInt128(parts.significand), exponent: parts.exponent, isNegative: parts.isNegative)
  }

  /// Adds `first · second` without rounding.
  public mutating func add(product first: Double, _ second: Double) {
    guard first.isFinite, second.isFinite else { return add(special: first * second) }
    let one = BinaryParts(first)
    let two = BinaryParts(second)
    add(
      UInt128(one.significand) * UInt128(two.significand), exponent: one.exponent + two.exponent,
      isNegative: one.isNegative != two.isNegative)
  }

  public mutating func add(_ value: Int64) {
    add(UInt128(value.magnitude), exponent: 0, isNegative: value < 0)
  }

  /// Adds `mantissa · 2^exponent`.
  mutating func add(_ mantissa: Int128, exponent: Int) {
    add(mantissa.magnitude, exponent: exponent, isNegative: mantissa < 0)
  }

  public mutating func merge(_ other: ExactSum) {
    specials.formUnion(other.specials)
    guard !other.digits.isEmpty else { return }
    reserve(other.low, other.low + other.digits.count)
    for (offset, digit) in other.digits.enumerated() { digits[other.low - low + offset] += digit }
    pending += other.pending + 1
    if pending >= 1 << 29 { propagate() }
  }

  private mutating func add(special value: Double) {
    specials.insert(value.isNaN ? .nan : value > 0 ? .positiveInfinity : .negativeInfinity)
  }

  /// Adds `±magnitude · 2^exponent`.
  mutating func add(_ magnitude: UInt128, exponent: Int, isNegative: Bool) {
    guard magnitude != 0 else { return }
    let position = exponent - Self.baseExponent
    precondition(position >= 0, "2^\(exponent) is below the products of doubles")
    let first = position >> 5
    let bit = UInt128(position & 31)
    reserve(first, first + 5)
    let sign: Int64 = isNegative ? -1 : 0
    var rest = magnitude << bit
    for index in (first - low)..<(first - low + 4) {
      digits[index] += (Int64(truncatingIfNeeded: rest & 0xFFFF_FFFF) ^ sign) - sign
      rest >>= 32
    }
    let overhang = bit == 0 ? 0 : Int64(truncatingIfNeeded: magnitude >> (128 - bit))
    digits[first - low + 4] += (overhang ^ sign) - sign
    pending += 1
    if pending >= 1 << 29 { propagate() }
  }

  /// Widens the window to hold digits `first..<end`.
  private mutating func reserve(_ first: Int, _ end: Int) {
    guard !digits.isEmpty else {
      low = first
      digits = [Int64](repeating: 0, count: end - first)
      return
    }
    if first < low {
      digits.insert(contentsOf: repeatElement(0, count: low - first), at: 0)
      low = first
    }
    if end > low + digits.count {
      digits.append(contentsOf: repeatElement(0, count: end - low - digits.count))
    }
  }

  /// Brings every digit but the last into `0..<2^32`.
  private mutating func propagate() {
    pending = 0
    guard !digits.isEmpty else { return }
    var carry: Int64 = 0
    for index in 0..<(digits.count - 1) {
      let digit = digits[index] + carry
      digits[index] = digit & 0xFFFF_FFFF
      carry = digit >> 32
    }
    digits[digits.count - 1] += carry
    while let last = digits.last, last.magnitude >= 1 << 32 {
      digits[digits.count - 1] = last & 0xFFFF_FFFF
      digits.append(last >> 32)
    }
  }

  /// The finite part as sign and digits in `0..<2^32`, first and last not zero.
  func canonical() -> (isNegative: Bool, low: Int, digits: [UInt32]) {
    var copy = self
    copy.propagate()
    let isNegative = (copy.digits.last(where: { $0 != 0 }) ?? 0) < 0
    if isNegative {
      for index in copy.digits.indices { copy.digits[index].negate() }
      copy.propagate()
    }
    guard let first = copy.digits.firstIndex(where: { $0 != 0 }),
      let last = copy.digits.lastIndex(where: { $0 != 0 })
    else { return (false, 0, []) }
    return (isNegative, copy.low + first, copy.digits[first...last].map { UInt32($0) })
  }
}

extension ExactSum: Equatable {
  /// Whether both are the same number (and the same NaN and infinities were added).
  public static func == (one: ExactSum, two: ExactSum) -> Bool {
    let (first, second) = (one.canonical(), two.canonical())
    return one.specials == two.specials && first == second
  }
}
