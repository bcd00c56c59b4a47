import Columns

/// 64-bit hashes of values, the same on every machine and run.
enum ValueHash {
  @inline(__always)
  static func mixed(_ value: UInt64) -> UInt64 {
    // The finalizer of SplitMix64; products wrap on purpose.
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  static func hash(_ bytes: [UInt8]) -> UInt64 {
    var state = mixed(UInt64(bytes.count))
    var word: UInt64 = 0
    for (index, byte) in bytes.enumerated() {
      word |= UInt64(byte) << UInt64(8 * (index & 7))
      if index & 7 == 7 {
        state = mixed(state ^ word)
        word = 0
      }
    }
    return mixed(state ^ word)
  }

  /// The hash of a double that is not NaN; −0 as 0.
  static func hash(_ value: Double) -> UInt64 { mixed((value + 0.0).bitPattern) }

  static func hash(_ value: Int64) -> UInt64 { mixed(UInt64(bitPattern: value)) }
}

/// Hashes of the elements of batches, each string of a dictionary hashed once.
struct HashCache: Sendable {
  private var dictionary: StringDictionary?
  private var hashes: [UInt64] = []

  var byteCount: Int { hashes.capacity * 8 }

  /// One hash an element, unspecified where absent, and whether it counts, which NaN does not.
  mutating func hashes(of tokens: TokenColumn) -> (hashes: [UInt64], isUsable: [Bool]?) {
    switch tokens.elements {
    case .string(let column): return (hashes(of: column), nil)
    case .plain, .list:
      var hashes = [UInt64](repeating: 0, count: tokens.elements.rowCount)
      tokens.forEachElement { _, element in hashes[element] = ValueHash.hash(tokens.bytes(element))
      }
      return (hashes, nil)
    case .int64(let column): return (column.values.map { ValueHash.hash($0) }, nil)
    case .bool(let column): return (column.values.map { ValueHash.hash($0 ? Int64(1) : 0) }, nil)
    case .float64(let column):
      return (column.values.map { ValueHash.hash($0) }, column.values.map { !$0.isNaN })
    }
  }

  private mutating func hashes(of column: StringColumn) -> [UInt64] {
    if dictionary !== column.dictionary {
      dictionary = column.dictionary
      hashes = []
    }
    for id in hashes.count..<max(hashes.count, column.dictionary.count) {
      let hash = unsafe column.dictionary.withBytes(of: UInt32(id)) {
        unsafe ValueHash.hash(Array($0))
      }
      hashes.append(hash)
    }
    return column.ids.map { Int($0) < hashes.count ? hashes[Int($0)] : 0 }
  }
}
