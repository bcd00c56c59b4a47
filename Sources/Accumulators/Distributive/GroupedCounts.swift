public import Columns

/// Counts of rows by cell; the grouped form of ``CountAccumulator``.
public struct GroupedCounts: GroupedAccumulator {
  private let parameters: CountParameters
  private var counts: [Int64] = []

  public init(_ parameters: CountParameters) { self.parameters = parameters }

  public var cellCount: Int { counts.count }

  public mutating func grow(to cellCount: Int) {
    guard cellCount > counts.count else { return }
    counts.append(contentsOf: repeatElement(0, count: cellCount - counts.count))
  }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    let validity = parameters.present ? inputs[0].validity : Validity(allPresent: cells.count)
    if let uniform {
      counts[Int(uniform)] += Int64(validity.count - validity.missingCount)
      return
    }
    var counts = counts.mutableSpan
    if validity.allPresent {
      for cell in cells { counts[Int(cell)] += 1 }
    } else {
      for row in cells.indices where validity.isPresent(row) { counts[Int(cells[row])] += 1 }
    }
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedCounts {
    var result = GroupedCounts(parameters)
    result.counts.reserveCapacity(cells.count + 1)
    result.counts.append(0)
    for cell in cells {
      result.counts.append(counts[Int(cell)])
      counts[Int(cell)] = 0
    }
    return result
  }

  public mutating func merge(_ other: GroupedCounts, mapping: [UInt32]) {
    for cell in other.counts.indices.dropFirst() {
      counts[Int(mapping[cell])] += other.counts[cell]
    }
  }

  public func single(_ cell: Int) -> CountAccumulator {
    CountAccumulator(parameters, count: counts[cell])
  }

  public func output(_ cell: Int) -> Int64 { counts[cell] }

  /// The counts of `cells`.
  public func values(in cells: Range<Int>) -> [Int64] { Array(counts[cells]) }

  public mutating func merge(single: CountAccumulator, into cell: UInt32) {
    counts[Int(cell)] += single.count
  }

  public var byteCount: Int { counts.capacity * 8 }

  public static func byteBound(_: CountParameters, distinctCount: Int) -> Int { 8 }
}
