public import ByteCoding
public import Columns

/// Exact sums by cell; the grouped form of ``SumAccumulator``.
///
/// Lanes lie `[cell][column]`, so that the sums of a row share a cache line. Of few cells and several
/// columns, values of a narrow range are added two columns at a time and moved to the lanes later.
public struct GroupedSums: GroupedAccumulator {
  /// The most pairs of sums.
  private static let pairLimit = 1 << 15

  private let parameters: SumParameters
  private var sums = LaneSums()
  private var pairs = PairSums()

  public init(_ parameters: SumParameters) { self.parameters = parameters }

  private var stride: Int { parameters.columns }
  /// Pairs a cell; the last may be half used.
  private var pairCount: Int { (stride + 1) / 2 }

  public private(set) var cellCount = 0

  public mutating func grow(to cellCount: Int) {
    guard cellCount > self.cellCount else { return }
    self.cellCount = cellCount
    sums.grow(to: cellCount * stride)
  }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    precondition(inputs.count == stride, "\(inputs.count) columns for \(stride) sums")
    if uniform == 0 { return }
    let columns = inputs.map { NumericColumn($0) }
    guard uniform == nil, stride > 1, cellCount * pairCount <= Self.pairLimit else {
      for offset in columns.indices { add(columns[offset], offset, cells, uniform) }
      return
    }
    for pair in 0..<pairCount { add(columns, pair: pair, cells) }
  }

  /// Adds the columns of one pair, together where their values allow it.
  private mutating func add(_ columns: [NumericColumn], pair: Int, _ cells: [UInt32]) {
    let offsets = 2 * pair..<min(2 * pair + 2, stride)
    let fitting = offsets.map { PairSums.fitting(columns[$0]) }
    for (offset, values) in zip(offsets, fitting) where values == nil {
      add(columns[offset], offset, cells, nil)
    }
    guard fitting.contains(where: { $0 != nil }) else { return }
    let one = fitting[0] ?? PairSums.Values(zeros: cells.count)
    let two = (fitting.count > 1 ? fitting[1] : nil) ?? PairSums.Values(zeros: cells.count)
    if pairs.mustFold(cells.count, max(one.limit, two.limit)) {
      foldPairs()
      // One batch alone may be too much.
      guard !pairs.mustFold(cells.count, max(one.limit, two.limit)) else {
        for (offset, values) in zip(offsets, fitting) where values != nil {
          add(columns[offset], offset, cells, nil)
        }
        return
      }
    }
    pairs.add(one, two, cells, pair: pair, stride: pairCount, cellCount: cellCount)
  }

  private mutating func add(
    _ column: NumericColumn, _ offset: Int, _ cells: [UInt32], _ uniform: UInt32?
  ) {
    switch column {
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

  /// Moves all that is held in pairs to the lanes.
  private mutating func foldPairs() {
    for cell in 0..<cellCount { foldPairs(of: cell) }
    pairs.noteFolded()
  }

  private mutating func foldPairs(of cell: Int) {
    for pair in 0..<pairCount {
      let (one, two) = pairs.take(cell * pairCount + pair)
      let index = cell * stride + 2 * pair
      if one != 0 { sums.add(lane: one, at: index) }
      if two != 0 { sums.add(lane: two, at: index + 1) }
    }
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedSums {
    var result = GroupedSums(parameters)
    result.grow(to: 1)
    result.sums.lanes.reserveCapacity((cells.count + 1) * stride)
    for cell in cells {
      if !pairs.isEmpty { foldPairs(of: Int(cell)) }
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
    precondition(pairs.isEmpty, "only extracted sums are read")
    return SumAccumulator((0..<stride).map { sums.sum(cell * stride + $0) })
  }

  /// What `single(cell)` encodes, without making it.
  public func encode(_ cell: Int, into writer: inout ByteWriter) {
    precondition(pairs.isEmpty, "only extracted sums are read")
    writer.append(FormatVersion.current)
    for offset in 0..<stride { sums.encodeExactly(cell * stride + offset, into: &writer) }
  }

  public func output(_ cell: Int) -> [Double] { values(cell) }

  /// The sums of `cell`, each rounded once; what `single(cell).output()` returns, faster.
  public func values(_ cell: Int) -> [Double] {
    (0..<stride).map { value(cell, column: $0) }
  }

  /// The sum of one column of `cell`, rounded once.
  public func value(_ cell: Int, column: Int) -> Double { sums.value(cell * stride + column) }

  /// The sums of one column over `cells`, each rounded once.
  public func values(ofColumn column: Int, in cells: Range<Int>) -> [Double] {
    cells.map { value($0, column: column) }
  }

  public mutating func merge(single: SumAccumulator, into cell: UInt32) {
    for offset in 0..<stride { sums.add(single.sums[offset], at: Int(cell) * stride + offset) }
  }

  public var byteCount: Int { sums.byteCount + pairs.byteCount }

  /// 16 bytes a column, 2,500 when its values need the whole range of doubles.
  public static func byteBound(_ parameters: SumParameters, distinctCount: Int) -> Int {
    parameters.columns * 2500
  }
}
