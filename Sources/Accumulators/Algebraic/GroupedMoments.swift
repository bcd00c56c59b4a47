public import Columns

/// Moments by cell; the grouped form of ``MomentsAccumulator``.
///
/// A cell holds Σx in 128 and Σx² in 320 bits of fixed point; values outside their range go to
/// wide sums beside it. Many rows of one cell take the way of ``ExponentTable``.
public struct GroupedMoments: GroupedAccumulator {
  struct Cell: Sendable {
    var counts = MomentCounts()
    var sum: Int128 = 0
    var squares = SquareLane()
  }

  /// What a cell's fixed-point sums cannot hold.
  struct WideSums: Sendable {
    var sum = ExactSum()
    var squares = ExactSum()
  }

  /// From so many rows on a fold of the table costs less than it saves.
  private static let tableRows = 128

  private let parameters: MomentsParameters
  private var cells: [Cell] = []
  private var wide: [Int: WideSums] = [:]
  /// Made at the first large batch of a single cell.
  private var table: ExponentTable?

  public init(_ parameters: MomentsParameters) { self.parameters = parameters }

  public var cellCount: Int { cells.count }

  public mutating func grow(to cellCount: Int) {
    guard cellCount > cells.count else { return }
    cells.append(contentsOf: repeatElement(Cell(), count: cellCount - cells.count))
  }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    let column = NumericColumn(inputs[0])
    let values = column.doubles
    if let uniform, values.count >= Self.tableRows {
      add(values, column.validity, to: Int(uniform))
    } else {
      var wide: [Int: WideSums] = [:]
      swap(&wide, &self.wide)
      add(values, column.validity, cells, &wide)
      swap(&wide, &self.wide)
    }
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedMoments {
    var result = GroupedMoments(parameters)
    result.cells = [Cell()] + cells.map { self.cells[Int($0)] }
    for (index, cell) in cells.enumerated() {
      self.cells[Int(cell)] = Cell()
      if !wide.isEmpty, let sums = wide.removeValue(forKey: Int(cell)) {
        result.wide[index + 1] = sums
      }
    }
    return result
  }

  public mutating func merge(_ other: GroupedMoments, mapping: [UInt32]) {
    for index in other.cells.indices.dropFirst() where mapping[index] != 0 {
      let cell = other.cells[index]
      let target = Int(mapping[index])
      cells[target].counts.merge(cell.counts)
      cells[target].squares.merge(cell.squares)
      add(lane: cell.sum, to: target)
    }
    for (index, sums) in other.wide where mapping[index] != 0 {
      let target = Int(mapping[index])
      wide[target, default: WideSums()].sum.merge(sums.sum)
      wide[target, default: WideSums()].squares.merge(sums.squares)
    }
  }

  public func single(_ cell: Int) -> MomentsAccumulator {
    var sums = wide[cell] ?? WideSums()
    sums.sum.add(cells[cell].sum, exponent: FixedPoint.exponent)
    cells[cell].squares.flush(into: &sums.squares)
    return MomentsAccumulator(cells[cell].counts, sum: sums.sum, squares: sums.squares)
  }

  public mutating func merge(single: MomentsAccumulator, into cell: UInt32) {
    cells[Int(cell)].counts.merge(single.counts)
    wide[Int(cell), default: WideSums()].sum.merge(single.sum)
    wide[Int(cell), default: WideSums()].squares.merge(single.squares)
  }

  public var byteCount: Int {
    cells.capacity * MemoryLayout<Cell>.stride + wide.count * 1024
      + (table == nil ? 0 : 2048 * 24)
  }

  /// 128 bytes; 5 KiB when the values need the whole range of doubles.
  public static func byteBound(_: MomentsParameters, distinctCount: Int) -> Int {
    MemoryLayout<Cell>.stride + 5 << 10
  }
}

extension GroupedMoments {
  /// Adds a sum in fixed point to cell `target`.
  private mutating func add(lane: Int128, to target: Int) {
    let (sum, overflow) = cells[target].sum.addingReportingOverflow(lane)
    if overflow {
      wide[target, default: WideSums()].sum.add(lane, exponent: FixedPoint.exponent)
    } else {
      cells[target].sum = sum
    }
  }

  /// Adds row `i` of `values` (NaN where absent) to cell `cells[i]`.
  private mutating func add(
    _ values: [Double], _ validity: Validity, _ cells: [UInt32], _ wide: inout [Int: WideSums]
  ) {
    var span = self.cells.mutableSpan
    for row in values.indices {
      let value = values[row]
      let cell = Int(cells[row])
      var fits = false
      let lane = FixedPoint.lane(value.bitPattern, fits: &fits)
      let (sum, overflow) = span[cell].sum.addingReportingOverflow(lane)
      if fits && !overflow {
        span[cell].counts.add(finite: value)
        span[cell].sum = sum
        let parts = BinaryParts(value)
        if value != 0 {
          let (high, low) = parts.significand.multipliedFullWidth(by: parts.significand)
          // Cannot overflow: `lane` fits, so the exponent is from −90 to −17.
          span[cell].squares.add(
            UInt128(high) &<< 64 | UInt128(low), shift: 2 &* (parts.exponent &+ 90))
        }
      } else if !validity.isPresent(row) {
        span[cell].counts.missingCount += 1
      } else if value.isFinite {
        span[cell].counts.add(finite: value)
        wide[cell, default: WideSums()].sum.add(value)
        wide[cell, default: WideSums()].squares.add(product: value, value)
      } else {
        span[cell].counts.add(special: value)
      }
    }
  }

  /// Adds `values` (NaN where absent) to one cell.
  private mutating func add(_ values: [Double], _ validity: Validity, to cell: Int) {
    var table: ExponentTable?
    swap(&table, &self.table)
    var exponents = table ?? ExponentTable()
    table = nil
    cells[cell].counts.missingCount += Int64(validity.missingCount)
    for start in stride(from: 0, to: values.count, by: ExponentTable.maxRows) {
      let rows = start..<min(start + ExponentTable.maxRows, values.count)
      if let counts = exponents.add(values, rows) {
        fold(&exponents, counts, into: cell)
      } else {
        addFinite(values[rows], validity, &exponents, to: cell)
      }
    }
    self.table = exponents
  }

  /// Adds `values`, counting the present ones that are not finite apart.
  private mutating func addFinite(
    _ values: ArraySlice<Double>, _ validity: Validity, _ exponents: inout ExponentTable,
    to cell: Int
  ) {
    var finite = [Double](repeating: 0, count: values.count)
    var count = 0
    for value in values {
      finite[count] = value
      count += value.isFinite ? 1 : 0
    }
    // A batch whose missing rows explain all the rest has no special value.
    if values.count != validity.count || values.count - count != validity.missingCount {
      for row in values.indices where !values[row].isFinite && validity.isPresent(row) {
        cells[cell].counts.add(special: values[row])
      }
    }
    if let counts = exponents.add(finite, 0..<count) { fold(&exponents, counts, into: cell) }
  }

  private mutating func fold(
    _ exponents: inout ExponentTable, _ counts: MomentCounts, into cell: Int
  ) {
    cells[cell].counts.merge(counts)
    exponents.fold(counts) { sum, squares, exponent in
      let shift = exponent - FixedPoint.exponent
      if (0...FixedPoint.maxShift - 10).contains(shift) {
        add(lane: Int128(sum) << Int128(shift), to: cell)
        cells[cell].squares.add(squares, shift: 2 * shift)
      } else {
        wide[cell, default: WideSums()].sum.add(Int128(sum), exponent: exponent)
        wide[cell, default: WideSums()].squares.add(
          squares, exponent: 2 * exponent, isNegative: false)
      }
    }
  }
}
