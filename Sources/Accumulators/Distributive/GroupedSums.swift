public import Columns

/// Exact sums by cell; the grouped form of ``SumAccumulator``.
///
/// Lanes lie `[cell][column]`, so that the sums of a row share a cache line.
public struct GroupedSums: GroupedAccumulator {
  private let parameters: SumParameters
  private var sums = LaneSums()

  public init(_ parameters: SumParameters) { self.parameters = parameters }

  private var stride: Int { parameters.columns }

  public private(set) var cellCount = 0

  public mutating func grow(to cellCount: Int) {
    guard cellCount > self.cellCount else { return }
    self.cellCount = cellCount
    sums.grow(to: cellCount * stride)
  }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    precondition(inputs.count == stride, "\(inputs.count) columns for \(stride) sums")
    if uniform == 0 { return }
    for (offset, column) in inputs.enumerated() {
      switch NumericColumn(column) {
      case .doubles(let values, let validity):
        precondition(values.count == cells.count, "\(values.count) rows, \(cells.count) cells")
        if let uniform {
          sums.add(values, validity, at: Int(uniform) * stride + offset)
        } else {
          sums.add(values, validity, cells, stride: stride, offset: offset)
        }
      case .integers(let values, let validity):
        precondition(values.count == cells.count, "\(values.count) rows, \(cells.count) cells")
        sums.add(values, validity, cells, stride: stride, offset: offset)
      }
    }
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedSums {
    var result = GroupedSums(parameters)
    result.grow(to: 1)
    result.sums.lanes.reserveCapacity((cells.count + 1) * stride)
    for cell in cells {
      for offset in 0..<stride { result.sums.take(Int(cell) * stride + offset, from: &sums) }
    }
    result.cellCount = cells.count + 1
    return result
  }

  public mutating func merge(_ other: GroupedSums, mapping: [UInt32]) {
    for cell in 1..<max(1, other.cellCount) where mapping[cell] != 0 {
      for offset in 0..<stride {
        sums.merge(
          other.sums, cell * stride + offset, into: Int(mapping[cell]) * stride + offset)
      }
    }
  }

  public func single(_ cell: Int) -> SumAccumulator {
    SumAccumulator((0..<stride).map { sums.sum(cell * stride + $0) })
  }

  public func output(_ cell: Int) -> [Double] { values(cell) }

  /// The sums of `cell`, each rounded once; what `single(cell).output()` returns, faster.
  public func values(_ cell: Int) -> [Double] {
    (0..<stride).map { sums.value(cell * stride + $0) }
  }

  /// The sums of one column over `cells`, each rounded once.
  public func values(ofColumn column: Int, in cells: Range<Int>) -> [Double] {
    cells.map { sums.value($0 * stride + column) }
  }

  public mutating func merge(single: SumAccumulator, into cell: UInt32) {
    for offset in 0..<stride { sums.add(single.sums[offset], at: Int(cell) * stride + offset) }
  }

  public var byteCount: Int { sums.byteCount }

  /// 16 bytes a column, 2,500 when its values need the whole range of doubles.
  public static func byteBound(_ parameters: SumParameters, distinctCount: Int) -> Int {
    parameters.columns * 2500
  }
}
