public import Columns

/// Distinct counts by cell; the grouped form of ``DistinctCountAccumulator``.
public struct GroupedDistinctCounts: GroupedAccumulator {
  private struct Entry: CellEntry {
    var cell: UInt32 = 0
    var hash: UInt64 = 0
  }

  private static let maxLogCount = 1 << 16

  private let parameters: DistinctCountParameters
  private var sketches: [DistinctSketch] = []
  private var log = CellLog<Entry>()
  private var cache = HashCache()

  public init(_ parameters: DistinctCountParameters) { self.parameters = parameters }

  public var cellCount: Int { sketches.count }

  public mutating func grow(to cellCount: Int) {
    guard cellCount > sketches.count else { return }
    let empty = DistinctSketch(precision: parameters.precision)
    sketches.append(contentsOf: repeatElement(empty, count: cellCount - sketches.count))
  }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    if uniform == 0 { return }
    let tokens = TokenColumn(inputs[0])
    precondition(tokens.validity.count == cells.count, "\(tokens.validity.count) rows of values")
    let (hashes, isUsable) = cache.hashes(of: tokens)
    if let uniform, tokens.isWhole, isUsable == nil, !sketches[Int(uniform)].isExact {
      sketches[Int(uniform)].insert(hashes)
      return
    }
    log.append(hashes.count) { log, start in
      var end = start
      tokens.forEachElement { row, element in
        guard isUsable?[element] ?? true else { return }
        log[end] = Entry(cell: cells[row], hash: hashes[element])
        end += 1
      }
      return end
    }
    if log.count >= Self.maxLogCount { settle() }
  }

  private mutating func settle() {
    var log = CellLog<Entry>()
    swap(&log, &self.log)
    log.drain(cellCount: sketches.count) { cell, entries in
      sketches[cell].insert(entries.map(\.hash))
    }
    swap(&log, &self.log)
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedDistinctCounts {
    settle()
    var result = GroupedDistinctCounts(parameters)
    result.grow(to: cells.count + 1)
    for (index, cell) in cells.enumerated() {
      swap(&result.sketches[index + 1], &sketches[Int(cell)])
    }
    return result
  }

  public mutating func merge(_ other: GroupedDistinctCounts, mapping: [UInt32]) {
    for cell in other.sketches.indices.dropFirst() where mapping[cell] != 0 {
      sketches[Int(mapping[cell])].merge(other.sketches[cell])
    }
  }

  public func single(_ cell: Int) -> DistinctCountAccumulator {
    DistinctCountAccumulator(sketches[cell])
  }

  public mutating func merge(single: DistinctCountAccumulator, into cell: UInt32) {
    sketches[Int(cell)].merge(single.sketch)
  }

  public var byteCount: Int {
    sketches.reduce(sketches.capacity * MemoryLayout<DistinctSketch>.stride) {
      $0 + $1.byteCount
    } + log.byteCount + cache.byteCount
  }

  public static func byteBound(_ parameters: DistinctCountParameters, distinctCount: Int) -> Int {
    MemoryLayout<DistinctSketch>.stride
      + (distinctCount <= DistinctSketch.maxExactCount
        ? 8 * distinctCount : 1 << parameters.precision)
  }
}
