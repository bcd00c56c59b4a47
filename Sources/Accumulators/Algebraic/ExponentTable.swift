/// Sums and sums of squares of one batch by binary exponent: the fast form for rows of one cell.
///
/// Significands of one exponent add up as integers, so no value needs shifting; the few exponents
/// in use are folded into wider sums at the end of the batch.
///
/// Source: the "large" superaccumulator of Neal, arXiv:1505.05571, section 3, extended to squares.
struct ExponentTable: Sendable {
  /// The most rows between two foldings: 2^10 significands of 53 bits fit 63 bits.
  static let maxRows = 1 << 10

  private var sums = [Int64](repeating: 0, count: 2048)
  private var squares = [UInt128](repeating: 0, count: 2048)

  /// Counts and extremes of finite `values[rows]`, whose sums are added; or `nil`, with nothing
  /// added, when one is NaN or infinite.
  mutating func add(_ values: [Double], _ rows: Range<Int>) -> MomentCounts? {
    precondition(rows.count <= Self.maxRows, "\(rows.count) rows in one batch")
    var greatest: UInt64 = 0
    for row in rows { greatest = max(greatest, values[row].bitPattern << 1) }
    guard greatest < 0x7FF << 53 else { return nil }
    var counts = MomentCounts()
    var zeroCount: Int64 = 0
    for row in rows {
      let bits = values[row].bitPattern
      let key = OrderedKey.key(values[row])
      counts.lowKey = min(counts.lowKey, key)
      counts.highKey = max(counts.highKey, key)
      let biased = Int(truncatingIfNeeded: bits &>> 52 & 0x7FF)
      let implied: UInt64 = biased == 0 ? 0 : 1 << 52
      let significand = bits & 0xF_FFFF_FFFF_FFFF | implied
      let sign = Int64(bitPattern: bits) &>> 63
      zeroCount &+= significand == 0 ? 1 : 0
      // None of these can overflow: see `maxRows`.
      sums[biased] &+= (Int64(bitPattern: significand) ^ sign) &- sign
      let (high, low) = significand.multipliedFullWidth(by: significand)
      squares[biased] &+= UInt128(high) &<< 64 | UInt128(low)
    }
    counts.count = Int64(rows.count)
    counts.zeroCount = zeroCount
    return counts
  }

  /// Hands every exponent in use to `body` as sum, sum of squares and exponent, and clears it.
  mutating func fold(_ counts: MomentCounts, _ body: (Int64, UInt128, Int) -> Void) {
    guard counts.count > 0 else { return }
    let low = OrderedKey.value(counts.lowKey).magnitude
    let high = OrderedKey.value(counts.highKey).magnitude
    let last = Int(max(low, high).bitPattern >> 52)
    for biased in 0...last where squares[biased] != 0 {
      body(sums[biased], squares[biased], max(biased, 1) - 1075)
      sums[biased] = 0
      squares[biased] = 0
    }
  }
}
