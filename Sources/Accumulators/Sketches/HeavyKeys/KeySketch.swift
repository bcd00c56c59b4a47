import ByteCoding

/// Counts of rows by key in fixed memory, from which the keys of many rows can be read back.
///
/// Each key falls into one bucket of every table; a bucket counts its rows, and for every bit of the
/// key's hash, length and name those whose bit is 1. A key of more than half of a bucket's rows has
/// the majority of each bit. All is sums, so the state is that of the set of rows, whatever their
/// order. Source: Cormode and Muthukrishnan, *What's hot and what's not* (2005), group testing.
struct KeySketch: Hashable, Sendable {
  /// Longer names come back cut.
  static let nameLength = 32
  private static let hashBits = 32
  private static let width = 1 + hashBits + 8 + 8 * nameLength
  private static let buckets = 512
  private static let tables = 2

  static let byteBound = tables * buckets * width * 8

  /// Shape `[tables][buckets][width]`: rows, then bits of the hash, the length and the name.
  private var counts = [Int64](repeating: 0, count: tables * buckets * width)

  private static func start(_ hash: UInt64, table: Int) -> Int {
    (table * buckets + Int(hash >> UInt64(9 * table) & 511)) * width
  }

  mutating func add(_ hash: UInt64, _ name: [UInt8], rows: Int64) {
    for table in 0..<Self.tables {
      let start = Self.start(hash, table: table)
      counts[start] += rows
      for bit in 0..<Self.hashBits where hash >> UInt64(bit) & 1 == 1 {
        counts[start + 1 + bit] += rows
      }
      let bytes = start + 1 + Self.hashBits
      add(UInt8(truncatingIfNeeded: name.count), at: bytes, rows)
      for (index, byte) in name.prefix(Self.nameLength).enumerated() {
        add(byte, at: bytes + 8 + 8 * index, rows)
      }
    }
  }

  private mutating func add(_ byte: UInt8, at start: Int, _ rows: Int64) {
    for bit in 0..<8 where byte >> UInt8(bit) & 1 == 1 { counts[start + bit] += rows }
  }

  mutating func merge(_ other: KeySketch) {
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  /// All rows.
  var rows: Int64 {
    (0..<Self.buckets).reduce(0) { $0 + counts[$1 * Self.width] }
  }

  /// The keys that have the majority of a bucket, by hash.
  var keys: [UInt64: HeavyKey] {
    var found: [UInt64: HeavyKey] = [:]
    for table in 0..<Self.tables {
      for bucket in 0..<Self.buckets {
        guard let (hash, key) = majority((table * Self.buckets + bucket) * Self.width),
          Self.start(hash, table: table) == (table * Self.buckets + bucket) * Self.width
        else { continue }
        guard let known = found[hash] else {
          found[hash] = key
          continue
        }
        // Both tables are right, so the narrower bounds hold.
        found[hash] = HeavyKey(
          name: key.name, isCut: key.isCut, rows: min(known.rows, key.rows),
          least: max(known.least, key.least), most: min(known.most, key.most))
      }
    }
    return found
  }

  /// The key that the bits of a bucket agree on; `nil` where its hash is not that of its name.
  private func majority(_ start: Int) -> (hash: UInt64, key: HeavyKey)? {
    let total = counts[start]
    guard total > 0 else { return nil }
    var bits = [Bool](repeating: false, count: Self.width - 1)
    var most = total
    var strangers: Int64 = 0
    var hashStrangers: Int64 = 0
    for bit in bits.indices {
      let ones = counts[start + 1 + bit]
      bits[bit] = 2 * ones > total
      let agreeing = max(ones, total - ones)
      most = min(most, agreeing)
      strangers += total - agreeing
      if bit < Self.hashBits { hashStrangers += total - agreeing }
    }
    func byte(_ place: Int) -> UInt8 {
      (0..<8).reduce(0) { $0 | (bits[place + $1] ? 1 << UInt8($1) : 0) }
    }
    let hash = (0..<Self.hashBits).reduce(UInt64(0)) { $0 | (bits[$1] ? 1 << UInt64($1) : 0) }
    let length = Int(byte(Self.hashBits))
    let kept = (0..<min(length, Self.nameLength)).map { byte(Self.hashBits + 8 + 8 * $0) }
    let isCut = length > Self.nameLength
    if !isCut, HeavyKey.hash(of: kept) & 0xFFFF_FFFF != hash { return nil }
    // A stranger's hash differs in half of its bits; its key in one bit at least.
    let about = total - min(total, 2 * hashStrangers / Int64(Self.hashBits))
    let least = max(0, total - strangers)
    guard 2 * about > total else { return nil }
    return (
      hash,
      HeavyKey(
        name: kept, isCut: isCut, rows: min(max(about, least), most), least: least, most: most)
    )
  }
}

extension KeySketch {
  /// Varints: how many counts are not 0, then for each its distance from the one before and itself.
  func encode(into writer: inout ByteWriter) {
    let used = counts.indices.filter { counts[$0] != 0 }
    writer.append(varint: UInt64(used.count))
    var previous = 0
    for index in used {
      writer.append(varint: UInt64(index - previous))
      writer.append(varint: UInt64(counts[index]))
      previous = index
    }
  }

  static func decode(from reader: inout ByteReader) throws(ByteCodingError) -> KeySketch {
    var sketch = KeySketch()
    var index = 0
    for _ in 0..<(try FormatVersion.readCount(from: &reader)) {
      let offset = reader.offset
      let step = try reader.readVarint()
      guard step < UInt64(sketch.counts.count - index) else {
        throw ByteCodingError("a count beyond the sketch", at: offset)
      }
      index += Int(step)
      sketch.counts[index] = Int64(truncatingIfNeeded: try reader.readVarint())
    }
    return sketch
  }
}
