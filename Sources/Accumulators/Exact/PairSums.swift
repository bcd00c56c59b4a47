import Columns

/// Exact sums of two columns at a time, for values of a narrow range: two 64-bit parts a sum, which
/// vector instructions of any processor add.
///
/// Holds doubles with |x| < 2^19 that are multiples of 2^-78, so also every one from 2^-26 up. A part
/// cannot overflow: ``mustFold(_:)`` says when the sums have to be moved to lanes.
struct PairSums: Sendable {
  /// The sums of a pair: high parts in multiples of 2^-32, low parts of 2^-78.
  private struct Parts: Sendable {
    var high = SIMD2<Int64>.zero
    var low = SIMD2<Int64>.zero
  }

  /// Values of one column that all fit, absent ones as 0.
  struct Values {
    let values: [Double]
    /// What no magnitude is above.
    let limit: Double

    init(_ values: [Double], limit: Double) {
      self.values = values
      self.limit = limit
    }

    init(zeros count: Int) { self.init([Double](repeating: 0, count: count), limit: 0) }
  }

  private static let highLimit = 0x1p19
  /// Adding it rounds to a multiple of 2^-32 that stands in the bits of the sum.
  private static let highRounder = 0x1.8p20
  /// The same for 2^-78.
  private static let lowRounder = 0x1.8p-26
  /// Above what a low part may be: half a high unit, in units of 2^-78.
  private static let lowShare = 0x1p45

  private var parts: [Parts] = []
  /// What no part is above, in units of its own.
  private var highBound = 0.0
  private var lowBound = 0.0

  var byteCount: Int { parts.capacity * MemoryLayout<Parts>.stride }

  var isEmpty: Bool { highBound == 0 && lowBound == 0 }

  /// The values of `column`, or `nil` when one does not fit.
  static func fitting(_ column: NumericColumn) -> Values? {
    switch column {
    case .doubles(let values, let validity):
      let present = validity.allPresent ? values : zeroed(values, validity)
      return limit(of: present).map { Values(present, limit: $0) }
    case .integers(let values, let validity):
      guard validity.allPresent else { return nil }
      var all: UInt64 = 0
      for value in values { all |= value.magnitude }
      guard all < UInt64(highLimit) else { return nil }
      return Values(values.map { Double($0) }, limit: Double(all))
    }
  }

  private static func zeroed(_ values: [Double], _ validity: Validity) -> [Double] {
    var result = values
    for row in result.indices where !validity.isPresent(row) { result[row] = 0 }
    return result
  }

  /// The greatest magnitude of `values` if each of them fits.
  private static func limit(of values: [Double]) -> Double? {
    // Magnitudes are ordered as their bits are, those of infinities and NaN above all others.
    var greatest: Int64 = 0
    // Bits that are set where something is left of a value.
    var left: UInt64 = 0
    for value in values {
      let low = value - (value + highRounder - highRounder)
      left |= (low - (low + lowRounder - lowRounder)).bitPattern
      greatest = max(greatest, Int64(bitPattern: value.magnitude.bitPattern))
    }
    let limit = Double(bitPattern: UInt64(bitPattern: greatest))
    // Nothing may be left of −0 as well.
    return left << 1 == 0 && limit < highLimit ? limit : nil
  }

  /// Whether adding `rowCount` rows of values up to `limit` could overflow a part.
  func mustFold(_ rowCount: Int, _ limit: Double) -> Bool {
    highBound + Double(rowCount) * (limit + 1) * 0x1p32 > 0x1p62
      || lowBound + Double(rowCount) * Self.lowShare > 0x1p62
  }

  /// Adds row `i` of `one` and of `two` to pair `pair` of cell `cells[i]`; a cell has `stride` pairs.
  ///
  /// - Precondition: ``mustFold(_:)`` is false for them.
  mutating func add(
    _ one: Values, _ two: Values, _ cells: [UInt32], pair: Int, stride: Int, cellCount: Int
  ) {
    if parts.count < cellCount * stride {
      let missing = cellCount * stride - parts.count
      parts.append(contentsOf: repeatElement(Parts(), count: missing))
    }
    noteBound(cells.count, max(one.limit, two.limit))
    let targets = cells.span
    let (first, second) = (one.values.span, two.values.span)
    var sums = parts.mutableSpan
    precondition(first.count == targets.count && second.count == targets.count, "columns differ")
    for row in 0..<targets.count {
      // Cannot overflow: cells are 32 bits wide and there are few columns.
      let index = Int(targets[row]) &* stride &+ pair
      let values = SIMD2(first[row], second[row])
      let shifted = values + Self.highRounder
      let low = values - (shifted - Self.highRounder)
      let lowShifted = low + Self.lowRounder
      // Both lie within one power of two of the rounder, so bits count units.
      sums[index].high &+= Self.integers(shifted) &- Self.integers(Self.highRounder)
      sums[index].low &+= Self.integers(lowShifted) &- Self.integers(Self.lowRounder)
    }
  }

  private mutating func noteBound(_ rowCount: Int, _ limit: Double) {
    highBound += Double(rowCount) * (limit + 1) * 0x1p32
    lowBound += Double(rowCount) * Self.lowShare
  }

  /// Takes out what pair `index` holds, in multiples of 2^-90.
  mutating func take(_ index: Int) -> (Int128, Int128) {
    guard index < parts.count else { return (0, 0) }
    let held = parts[index]
    parts[index] = Parts()
    return (
      Int128(held.high.x) << 58 + Int128(held.low.x) << 12,
      Int128(held.high.y) << 58 + Int128(held.low.y) << 12
    )
  }

  /// Says that every pair has been taken out.
  mutating func noteFolded() {
    highBound = 0
    lowBound = 0
  }

  @inline(__always)
  private static func integers(_ values: SIMD2<Double>) -> SIMD2<Int64> {
    SIMD2(Int64(bitPattern: values.x.bitPattern), Int64(bitPattern: values.y.bitPattern))
  }

  @inline(__always)
  private static func integers(_ value: Double) -> SIMD2<Int64> {
    SIMD2(repeating: Int64(bitPattern: value.bitPattern))
  }
}
