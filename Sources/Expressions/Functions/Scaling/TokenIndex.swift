import ByteCoding

/// Finds the position of a token in a vocabulary.
///
/// Open addressing over fingerprints; equality is decided by the bytes. Of equal tokens the first
/// counts.
struct TokenIndex: Sendable {
  private let tokens: TokenList
  private let hashes: [UInt64]
  /// Position plus one; zero marks an empty slot.
  private var slots: [UInt32]

  init(_ tokens: TokenList) {
    self.tokens = tokens
    hashes = (0..<tokens.count).map { fingerprint64(tokens[$0]) }
    var capacity = 16
    while capacity < 2 * tokens.count { capacity *= 2 }
    slots = [UInt32](repeating: 0, count: capacity)
    for position in 0..<tokens.count {
      let slot = slot(of: tokens[position], hashes[position])
      if slots[slot] == 0 { slots[slot] = UInt32(position + 1) }
    }
  }

  var count: Int { tokens.count }

  /// The position of the token equal to `bytes`, whose fingerprint is `hash`.
  func position(of bytes: ArraySlice<UInt8>, hash: UInt64) -> Int? {
    let mark = slots[slot(of: bytes, hash)]
    return mark == 0 ? nil : Int(mark) - 1
  }

  /// The slot that holds `bytes`, or the empty one where it would be.
  private func slot(of bytes: ArraySlice<UInt8>, _ hash: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let position = Int(slots[slot]) - 1
      if hashes[position] == hash && tokens[position].elementsEqual(bytes) { break }
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }
}
