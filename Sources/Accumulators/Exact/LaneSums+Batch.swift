import Columns

extension LaneSums {
  /// Adds row `i` of `values` to sum `cells[i]·stride + offset`; absent and NaN rows are skipped.
  mutating func add(
    _ values: [Double], _ validity: Validity, _ cells: [UInt32], stride: Int, offset: Int
  ) {
    // The compiler lends `lanes` together with all of `self`, so `wide` steps aside.
    var wide: [Int: ExactSum] = [:]
    swap(&wide, &self.wide)
    add(values, validity, cells, stride: stride, offset: offset, wide: &wide)
    swap(&wide, &self.wide)
  }

  private mutating func add(
    _ values: [Double], _ validity: Validity, _ cells: [UInt32], stride: Int, offset: Int,
    wide: inout [Int: ExactSum]
  ) {
    var span = lanes.mutableSpan
    let rows = values.span
    let targets = cells.span
    precondition(rows.count == targets.count, "\(rows.count) rows, \(targets.count) cells")
    // The rows that are absent or do not fit are rare: they leave the loop.
    let allPresent = validity.allPresent
    for row in 0..<rows.count {
      var fits = false
      let lane = FixedPoint.lane(rows[row].bitPattern, fits: &fits)
      // Cannot overflow: cells are 32 bits wide and there are few columns.
      let index = Int(targets[row]) &* stride &+ offset
      let (sum, overflow) = span[index].addingReportingOverflow(lane)
      let isWhole = fits && !overflow
      if isWhole && allPresent {
        span[index] = sum
      } else if validity.isPresent(row) {
        if isWhole { span[index] = sum } else { Self.addWide(rows[row], at: index, &wide) }
      }
    }
  }

  /// Adds every row of `values` to sum `index`; absent and NaN rows are skipped.
  mutating func add(_ values: [Double], _ validity: Validity, at index: Int) {
    let allPresent = validity.allPresent
    var total: Int128 = 0
    for row in values.indices {
      var fits = false
      let lane = FixedPoint.lane(values[row].bitPattern, fits: &fits)
      let (sum, overflow) = total.addingReportingOverflow(lane)
      if fits && !overflow && (allPresent || validity.isPresent(row)) {
        total = sum
      } else if validity.isPresent(row) {
        Self.addWide(values[row], at: index, &wide)
      }
    }
    add(lane: total, at: index)
  }

  /// Adds row `i` of `values` to sum `cells[i]·stride + offset`; absent rows are skipped.
  mutating func add(
    _ values: [Int64], _ validity: Validity, _ cells: [UInt32], stride: Int, offset: Int
  ) {
    // The compiler lends `lanes` together with all of `self`, so `wide` steps aside.
    var wide: [Int: ExactSum] = [:]
    swap(&wide, &self.wide)
    add(values, validity, cells, stride: stride, offset: offset, wide: &wide)
    swap(&wide, &self.wide)
  }

  private mutating func add(
    _ values: [Int64], _ validity: Validity, _ cells: [UInt32], stride: Int, offset: Int,
    wide: inout [Int: ExactSum]
  ) {
    var span = lanes.mutableSpan
    let rows = values.span
    let targets = cells.span
    precondition(rows.count == targets.count, "\(rows.count) rows, \(targets.count) cells")
    let allPresent = validity.allPresent
    for row in 0..<rows.count {
      var fits = false
      let lane = FixedPoint.lane(rows[row], fits: &fits)
      // Cannot overflow: cells are 32 bits wide and there are few columns.
      let index = Int(targets[row]) &* stride &+ offset
      let (sum, overflow) = span[index].addingReportingOverflow(lane)
      if fits && !overflow && (allPresent || validity.isPresent(row)) {
        span[index] = sum
      } else if validity.isPresent(row), targets[row] != 0 {
        wide[index, default: ExactSum()].add(rows[row])
      }
    }
  }

  @inline(never)
  private static func addWide(_ value: Double, at index: Int, _ wide: inout [Int: ExactSum]) {
    if value.isNaN { return }
    wide[index, default: ExactSum()].add(value)
  }
}
