/// Finds the field that a key names.
///
/// Open addressing on a hash of the bytes, so that wide records cost no search per key.
struct JSONKeyTable {
  private let names: [[UInt8]]
  private var slots: [Int]

  init(_ names: [String]) {
    self.names = names.map { Array($0.utf8) }
    var capacity = 8
    while capacity < 4 * names.count { capacity *= 2 }
    slots = [Int](repeating: -1, count: capacity)
    for (position, name) in self.names.enumerated() {
      var slot = Self.hash(name) & (capacity - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (capacity - 1) }
      slots[slot] = position
    }
  }

  /// The position of the field named by `key`, or −1.
  func position(of key: JSONTokenizer.StringToken, _ tokenizer: JSONTokenizer) -> Int {
    if key.hasEscapes {
      // Rare: a writer that escapes what need not be.
      var name: [UInt8] = []
      withoutActuallyEscaping({ (byte: UInt8) in name.append(byte) }) {
        tokenizer.unescape(key, append: $0)
      }
      return names.firstIndex(of: name) ?? -1
    }
    let bytes = tokenizer.bytes
    let length = key.end - key.start
    var hash: UInt64 = Self.seed
    for at in key.start..<key.end { hash = Self.step(hash, bytes.byte(at)) }
    var slot = Self.finish(hash) & (slots.count - 1)
    while slots[slot] >= 0 {
      let name = names[slots[slot]]
      if name.count == length && bytes.isEqual(key.start, name) { return slots[slot] }
      slot = (slot + 1) & (slots.count - 1)
    }
    return -1
  }

  private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

  // FNV-1a; wraps by design.
  private static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
    (hash ^ UInt64(byte)) &* 0x100_0000_01B3
  }

  private static func finish(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: (hash ^ hash &>> 32) & 0x7FFF_FFFF)
  }

  private static func hash(_ name: [UInt8]) -> Int { finish(name.reduce(seed, step)) }
}
