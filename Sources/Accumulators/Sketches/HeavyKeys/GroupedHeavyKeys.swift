public import Columns

/// Heavy keys by cell; the grouped form of ``HeavyKeysAccumulator``.
///
/// The rows of a batch are counted by cell and key first, so that a name is made once for both.
public struct GroupedHeavyKeys: GroupedAccumulator {
  private struct Place: Hashable {
    var cell: UInt32
    var key: UInt64
  }

  private let parameters: HeavyKeysParameters
  private var cells: [HeavyKeysAccumulator] = []
  private var caches: [HashCache] = []

  public init(_ parameters: HeavyKeysParameters) { self.parameters = parameters }

  public var cellCount: Int { cells.count }

  public mutating func grow(to cellCount: Int) {
    guard cellCount > cells.count else { return }
    cells.append(
      contentsOf: repeatElement(HeavyKeysAccumulator(parameters), count: cellCount - cells.count))
  }

  public mutating func add(_ inputs: [Column], cells places: [UInt32], uniform: UInt32?) {
    if uniform == 0 || inputs.isEmpty { return }
    let rows = KeyRows(inputs, parameters)
    let keys = keys(of: rows)
    var counts: [Place: (rows: Int64, first: Int)] = [:]
    for row in 0..<rows.count where places[row] != 0 && rows.counts(row) {
      counts[Place(cell: places[row], key: keys[row]), default: (0, row)].rows += 1
    }
    for (place, count) in counts {
      let name = rows.name(count.first)
      cells[Int(place.cell)].add(HeavyKey.hash(of: name), rows: count.rows) { name }
    }
  }

  /// A number for the key of each row, equal for equal keys of the batch.
  private mutating func keys(of rows: KeyRows) -> [UInt64] {
    while caches.count < rows.columns.count { caches.append(HashCache()) }
    var keys = [UInt64](repeating: 0, count: rows.count)
    for (index, tokens) in rows.columns.enumerated() {
      let hashes = caches[index].hashes(of: tokens).hashes
      for row in keys.indices {
        let part = tokens.validity.isPresent(row) ? hashes[row] : 0
        keys[row] = ValueHash.mixed(keys[row]) ^ part
      }
    }
    return keys
  }

  public mutating func extract(_ moved: [UInt32]) -> GroupedHeavyKeys {
    var result = GroupedHeavyKeys(parameters)
    result.grow(to: moved.count + 1)
    for (index, cell) in moved.enumerated() {
      swap(&result.cells[index + 1], &cells[Int(cell)])
    }
    return result
  }

  public mutating func merge(_ other: GroupedHeavyKeys, mapping: [UInt32]) {
    for cell in other.cells.indices.dropFirst() where mapping[cell] != 0 {
      cells[Int(mapping[cell])].merge(other.cells[cell])
    }
  }

  public func single(_ cell: Int) -> HeavyKeysAccumulator { cells[cell] }

  public mutating func merge(single: HeavyKeysAccumulator, into cell: UInt32) {
    cells[Int(cell)].merge(single)
  }

  public var byteCount: Int {
    cells.reduce(cells.capacity * MemoryLayout<HeavyKeysAccumulator>.stride) { $0 + $1.byteCount }
  }

  /// Of a cell of one key.
  ///
  /// The cell of all others may hold ``otherBound`` instead.
  public static func byteBound(_ parameters: HeavyKeysParameters, distinctCount: Int) -> Int {
    MemoryLayout<HeavyKeysAccumulator>.stride + 224
  }

  /// The most bytes that a cell of any number of keys holds.
  public static let otherBound = KeySketch.byteBound
}
