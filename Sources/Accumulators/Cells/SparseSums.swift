/// The sums of one cell under small integer keys: a list of keys, or dense when many are in use.
struct SparseSums: Sendable {
  /// Parallel to `lanes`, in no order; empty when dense.
  var keys: [UInt32] = []
  /// Multiples of 2^-90; by key when dense.
  var lanes: [Int128] = []
  /// What was counted by key and is not in `lanes` yet; empty unless dense.
  ///
  /// A quarter of the memory, so that the cache holds it.
  private(set) var counts: [UInt32] = []

  var isDense: Bool { keys.isEmpty && !lanes.isEmpty }
  var byteCount: Int { keys.capacity * 4 + lanes.capacity * 16 + counts.capacity * 4 }

  /// By key from now on.
  mutating func makeDense(keyCount: Int) {
    if isDense {
      if keyCount > lanes.count {
        lanes.append(contentsOf: repeatElement(0, count: keyCount - lanes.count))
      }
      return
    }
    var dense = [Int128](repeating: 0, count: max(1, keyCount))
    for (index, key) in keys.enumerated() { dense[Int(key)] = lanes[index] }
    keys = []
    lanes = dense
  }

  /// Adds 1 to each of `keys`; of dense ones.
  ///
  /// - Precondition: Fewer than 2^32 keys are counted between two calls of ``takeCounts()``.
  mutating func count(_ keys: [UInt32]) {
    if counts.count < lanes.count {
      counts.append(contentsOf: repeatElement(0, count: lanes.count - counts.count))
    }
    var counts = self.counts.mutableSpan
    for key in keys { counts[Int(key)] &+= 1 }
  }

  /// What was counted, by key, which the caller adds to `lanes`.
  mutating func takeCounts() -> [UInt32] {
    defer { counts = [] }
    return counts
  }

  /// Calls `body` with every key that may have a sum, and the sum.
  func forEach(_ body: (UInt32, Int128) -> Void) {
    if isDense {
      for (key, lane) in lanes.enumerated() where lane != 0 { body(UInt32(key), lane) }
    } else {
      for (index, key) in keys.enumerated() { body(key, lanes[index]) }
    }
  }
}
