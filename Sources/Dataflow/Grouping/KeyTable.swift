/// Distinct grouping keys, each a list of components.
///
/// Canonical order: component by component, missing first, then bool, int, float, string, other; false
/// before true; numbers ascending (−0 before 0, NaN last); strings by bytes.
public struct KeyTable: Sendable, Equatable {
  /// Components a key.
  public let length: Int
  /// How many keys there are.
  public let count: Int
  /// The components of all keys, end to end; shape `[keys × length]`.
  private let components: [KeyValue]

  /// The table of `keys`, which must be distinct, of one length, and in canonical order.
  public init(sorted keys: [[KeyValue]]) {
    let length = keys.first?.count ?? 0
    precondition(keys.allSatisfy { $0.count == length }, "keys of different lengths")
    self.init(sorted: keys.flatMap { $0 }, length: length, count: keys.count)
  }

  /// The table of keys whose components stand end to end.
  init(sorted components: [KeyValue], length: Int, count: Int) {
    self.length = length
    self.count = count
    self.components = components
  }

  public subscript(index: Int) -> [KeyValue] {
    Array(components[index * length..<(index + 1) * length])
  }

  /// One component of a key.
  public func component(_ position: Int, of index: Int) -> KeyValue {
    components[index * length + position]
  }

  /// Collects distinct keys in any order; keys that come sorted, or are few, need no hashing.
  public struct Builder {
    private static let maximumSorted = 256

    private var keys: [[KeyValue]] = []
    /// The indices of `keys` in the order of their keys, while these are few.
    private var sorted: [Int] = []
    /// The index of each key, once they are many; else empty.
    private var indices: [[KeyValue]: Int] = [:]
    /// The index returned last.
    private var latest = 0

    public init() {}

    /// The index of `key` in order of first appearance.
    public mutating func index(of key: [KeyValue]) -> Int {
      if latest < keys.count, keys[latest] == key { return latest }
      // Prefixes come in runs; the components behind them in the same order again and again.
      let next = latest + 1 < keys.count ? latest + 1 : 0
      if next < keys.count, keys[next] == key {
        latest = next
        return next
      }
      latest = indices.isEmpty ? sortedIndex(of: key) : hashedIndex(of: key)
      return latest
    }

    private mutating func sortedIndex(of key: [KeyValue]) -> Int {
      var low = 0
      var high = sorted.count
      while low < high {
        let middle = (low + high) / 2
        if KeyTable.isOrdered(keys[sorted[middle]], before: key) {
          low = middle + 1
        } else {
          high = middle
        }
      }
      if low < sorted.count, keys[sorted[low]] == key { return sorted[low] }
      sorted.insert(keys.count, at: low)
      keys.append(key)
      if keys.count > Self.maximumSorted {
        for (index, key) in keys.enumerated() { indices[key] = index }
      }
      return keys.count - 1
    }

    private mutating func hashedIndex(of key: [KeyValue]) -> Int {
      if let index = indices[key] { return index }
      indices[key] = keys.count
      keys.append(key)
      return keys.count - 1
    }

    /// The table, and for each index of first appearance its position there.
    public func finish() -> (table: KeyTable, order: [Int]) {
      let sorted = keys.indices.sorted { KeyTable.isOrdered(keys[$0], before: keys[$1]) }
      var order = [Int](repeating: 0, count: keys.count)
      for (position, index) in sorted.enumerated() { order[index] = position }
      return (KeyTable(sorted: sorted.map { keys[$0] }), order)
    }
  }

  /// Whether `first` stands before `second` in the canonical order.
  public static func isOrdered(_ first: [KeyValue], before second: [KeyValue]) -> Bool {
    for (one, two) in zip(first, second) {
      let order = one.order(to: two)
      if order != 0 { return order < 0 }
    }
    return first.count < second.count
  }
}

extension KeyValue {
  private var rank: Int {
    switch self {
    case .missing: 0
    case .bool: 1
    case .int64: 2
    case .float64: 3
    case .string: 4
    case .other: 5
    }
  }

  /// Negative, 0 or positive, as this stands before, is or follows `other` in the canonical order.
  func order(to other: KeyValue) -> Int {
    switch (self, other) {
    case (.bool(let one), .bool(let two)): (one ? 1 : 0) - (two ? 1 : 0)
    case (.int64(let one), .int64(let two)): one < two ? -1 : one == two ? 0 : 1
    case (.float64(let one), .float64(let two)): Self.order(of: one, two)
    case (.string(let one), .string(let two)): Self.order(of: one, two)
    default: rank - other.rank
    }
  }

  /// As ``order(to:)``, of doubles; NaNs by their bits.
  private static func order(of one: Double, _ two: Double) -> Int {
    if one.bitPattern == two.bitPattern { return 0 }
    let (first, second) = (place(of: one), place(of: two))
    let isBefore = first != second ? first < second : one.bitPattern < two.bitPattern
    return isBefore ? -1 : 1
  }

  /// Integers in the order of the doubles, every NaN last.
  private static func place(of value: Double) -> Int64 {
    if value.isNaN { return .max }
    let bits = Int64(bitPattern: value.bitPattern)
    return bits < 0 ? Int64.min &+ (Int64.max &- (bits & .max)) : bits
  }
}
