import ByteCoding

/// A set of hashes: each of them while there are few, then HyperLogLog registers; either way a
/// function of the set alone.
struct DistinctSketch: Hashable, Sendable {
  /// The most hashes that are kept one by one.
  static let maxExactCount = 1024

  let precision: Int
  /// Ascending; empty once there are registers.
  private(set) var hashes: [UInt64] = []
  /// By leading bits of the hash: the greatest count of leading zeros in the rest, plus one.
  private(set) var registers: [UInt8] = []

  init(precision: Int) { self.precision = precision }

  var isExact: Bool { registers.isEmpty }
  var byteCount: Int { hashes.capacity * 8 + registers.capacity }

  /// Adds hashes in any order.
  mutating func insert(_ more: some Collection<UInt64>) {
    guard isExact else {
      let precision = precision
      var span = registers.mutableSpan
      for hash in more { Self.register(hash, precision, &span) }
      return
    }
    var merged: [UInt64] = []
    let sorted = more.sorted()
    merged.reserveCapacity(hashes.count + sorted.count)
    var (left, right) = (0, 0)
    while left < hashes.count || right < sorted.count {
      let takesLeft =
        right == sorted.count || (left < hashes.count && hashes[left] <= sorted[right])
      let next = takesLeft ? hashes[left] : sorted[right]
      if takesLeft { left += 1 } else { right += 1 }
      if merged.last != next { merged.append(next) }
    }
    hashes = merged
    if hashes.count > Self.maxExactCount { makeRegisters() }
  }

  private mutating func makeRegisters() {
    registers = [UInt8](repeating: 0, count: 1 << precision)
    let held = hashes
    hashes = []
    insert(held)
  }

  @inline(__always)
  private static func register(
    _ hash: UInt64, _ precision: Int, _ registers: inout MutableSpan<UInt8>
  ) {
    let index = Int(truncatingIfNeeded: hash &>> UInt64(64 &- precision))
    // A set bit below the rest bounds the count at 64 − precision + 1.
    let rest = hash &<< UInt64(precision) | 1 &<< UInt64(precision &- 1)
    let rank = UInt8(truncatingIfNeeded: rest.leadingZeroBitCount &+ 1)
    if rank > registers[index] { registers[index] = rank }
  }

  mutating func merge(_ other: DistinctSketch) {
    guard !other.isExact else { return insert(other.hashes) }
    if isExact { makeRegisters() }
    for index in registers.indices {
      registers[index] = max(registers[index], other.registers[index])
    }
  }

  func output() -> DistinctCount {
    isExact
      ? DistinctCount(estimate: Double(hashes.count), relativeStandardError: 0, isExact: true)
      : DistinctCount(
        estimate: estimate(),
        relativeStandardError: 1.04 / Double(1 << precision).squareRoot(), isExact: false)
  }

  /// The improved raw estimator; unbiased over the whole range, so that unions need no care.
  ///
  /// Source: Ertl, *New cardinality estimation algorithms for HyperLogLog sketches*,
  /// arXiv:1702.01284, algorithm 6.
  private func estimate() -> Double {
    let count = Double(registers.count)
    var histogram = [Double](repeating: 0, count: 66)
    for register in registers { histogram[Int(register)] += 1 }
    let top = 64 - precision
    var sum = count * Self.tau(1 - histogram[top + 1] / count)
    for rank in stride(from: top, through: 1, by: -1) { sum = 0.5 * (sum + histogram[rank]) }
    sum += count * Self.sigma(histogram[0] / count)
    return 0.721_347_520_444_481_7 * count * count / sum
  }

  private static func sigma(_ share: Double) -> Double {
    if share == 1 { return .infinity }
    var (power, factor, sum, last) = (share, 1.0, share, -1.0)
    while sum != last {
      power *= power
      last = sum
      sum += power * factor
      factor += factor
    }
    return sum
  }

  private static func tau(_ share: Double) -> Double {
    if share == 0 || share == 1 { return 0 }
    var (root, factor, sum, last) = (share, 1.0, 1 - share, -1.0)
    while sum != last {
      root = root.squareRoot()
      last = sum
      factor *= 0.5
      sum -= (1 - root) * (1 - root) * factor
    }
    return sum / 3
  }

  /// | bytes | meaning |
  /// |---|---|
  /// | 1 | 0: hashes follow, ascending, after a varint count; 1: 2^precision registers |
  func encode(into writer: inout ByteWriter) {
    writer.append(isExact ? 0 : 1 as UInt8)
    if isExact {
      writer.append(varint: UInt64(hashes.count))
      for hash in hashes { writer.append(littleEndian: hash) }
    } else {
      writer.append(contentsOf: registers)
    }
  }

  static func decode(
    precision: Int, from reader: inout ByteReader
  ) throws(ByteCodingError) -> DistinctSketch {
    var result = DistinctSketch(precision: precision)
    let offset = reader.offset
    switch try reader.readByte() {
    case 0:
      let count = try FormatVersion.readCount(from: &reader)
      guard count <= maxExactCount else { throw ByteCodingError("\(count) hashes", at: offset) }
      for _ in 0..<count { result.hashes.append(try reader.readLittleEndian(UInt64.self)) }
    case 1:
      result.registers = Array(try reader.read(count: 1 << precision))
      guard result.registers.allSatisfy({ $0 <= 65 - precision }) else {
        throw ByteCodingError("a register is out of range", at: offset)
      }
    case let kind: throw ByteCodingError("distinct count of kind \(kind)", at: offset)
    }
    return result
  }
}
