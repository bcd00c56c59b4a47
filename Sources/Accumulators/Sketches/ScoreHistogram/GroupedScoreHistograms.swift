public import Columns

/// Score histograms by cell; the grouped form of ``ScoreHistogramAccumulator``.
///
/// A row of a cell that has few is kept; another writes a label's weight and its bin to a log. Both
/// are put to their cells when the log is long or cells are taken out.
public struct GroupedScoreHistograms: GroupedAccumulator {
  private let parameters: ScoreHistogramParameters
  private let search: BinSearch
  private var sums: BinSums
  private var rows = ScoreRowLists()
  private var counts: [ScoreCounts] = []

  public init(_ parameters: ScoreHistogramParameters) {
    self.init(parameters, BinSearch(parameters.binning))
  }

  private init(_ parameters: ScoreHistogramParameters, _ search: BinSearch) {
    self.parameters = parameters
    self.search = search
    sums = BinSums(keyCount: parameters.keyCount)
  }

  public var cellCount: Int { counts.count }

  public mutating func grow(to cellCount: Int) {
    guard cellCount > counts.count else { return }
    counts.append(contentsOf: repeatElement(ScoreCounts(), count: cellCount - counts.count))
    sums.grow(to: cellCount)
    rows.grow(to: cellCount)
  }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    if uniform == 0 { return }
    let labels = NumericColumn(inputs[0]).doubles
    let predictions = NumericColumn(inputs[1]).doubles
    let weights = inputs.count > 2 ? NumericColumn(inputs[2]).doubles : []
    let writer = ScoreWriter(search, parameters)
    let range = parameters.labels
    let limit = Int64(parameters.exactRows)
    var log = CellLog<BinSums.Entry>()
    var rowLog = CellLog<ScoreRowLists.Entry>()
    swap(&log, &sums.log)
    swap(&rowLog, &rows.log)
    var counts = counts.mutableSpan
    log.append(cells.count * writer.lanes) { log, start in
      var end = start
      rowLog.append(limit > 0 ? cells.count : 0) { rowLog, rowStart in
        var rowEnd = rowStart
        let (cells, labels, predictions) = (cells.span, labels.span, predictions.span)
        // Where rows have no weights another column stands in, so that all have one length.
        let isWeighted = !weights.isEmpty
        let weights = isWeighted ? weights.span : predictions
        precondition(
          labels.count == cells.count && predictions.count == cells.count
            && weights.count == cells.count, "columns differ in length")
        for index in 0..<cells.count {
          let cell = cells[index]
          let prediction = predictions[index]
          let weight = isWeighted ? weights[index] : 1
          guard ScoreRow.isUsable(labels[index], prediction, weight, range) else {
            counts[Int(cell)].unusable &+= 1
            continue
          }
          counts[Int(cell)].usable &+= 1
          let row = ScoredRow(prediction: prediction + 0, label: labels[index] + 0, weight: weight)
          if limit > 0, counts[Int(cell)].usable <= limit {
            rowLog[rowEnd] = ScoreRowLists.Entry(cell: cell, row: row)
            rowEnd += weight != 0 ? 1 : 0
          } else {
            end = writer.write(row, cell, &log, end)
          }
        }
        return rowEnd
      }
      return end
    }
    swap(&log, &sums.log)
    swap(&rowLog, &rows.log)
    if rows.isLogLong { settleRows() }
    sums.settleIfLong()
  }

  /// Puts waiting rows to those of their cells, or to the bins of cells that have many.
  private mutating func settleRows() {
    guard !rows.log.isEmpty else { return }
    var log = CellLog<ScoreRowLists.Entry>()
    swap(&log, &rows.log)
    log.drain(cellCount: counts.count) { cell, entries in
      if isExact(cell) {
        rows.append(entries, to: cell)
      } else {
        bin(entries.count, cell) { entries[entries.startIndex + $0].row }
        binRows(of: cell)
      }
    }
    swap(&log, &rows.log)
  }

  private func isExact(_ cell: Int) -> Bool { counts[cell].usable <= parameters.exactRows }

  private mutating func binRows(of cell: Int) {
    guard rows.count(cell) > 0 else { return }
    let list = rows.list(cell)
    bin(list.count, cell) { list[list.startIndex + $0] }
    rows.clear(cell)
  }

  private mutating func bin(_ count: Int, _ cell: Int, _ row: (Int) -> ScoredRow) {
    let writer = ScoreWriter(search, parameters)
    sums.log.append(count * writer.lanes) { log, start in
      var end = start
      for index in 0..<count { end = writer.write(row(index), UInt32(cell), &log, end) }
      return end
    }
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedScoreHistograms {
    settleRows()
    var result = GroupedScoreHistograms(parameters, search)
    result.sums = sums.extract(cells)
    result.rows = rows.extract(cells)
    result.counts = [ScoreCounts()] + cells.map { counts[Int($0)] }
    for cell in cells { counts[Int(cell)] = ScoreCounts() }
    return result
  }

  public mutating func merge(_ other: GroupedScoreHistograms, mapping: [UInt32]) {
    for cell in other.counts.indices.dropFirst() {
      counts[Int(mapping[cell])].usable += other.counts[cell].usable
      counts[Int(mapping[cell])].unusable += other.counts[cell].unusable
    }
    if parameters.exactRows > 0 {
      settleRows()
      for cell in other.counts.indices.dropFirst() where mapping[cell] != 0 {
        merge(other.rows.list(cell), into: Int(mapping[cell]))
      }
    }
    sums.merge(other.sums, mapping: mapping)
  }

  /// Once the cell counts them.
  private mutating func merge(_ more: ArraySlice<ScoredRow>, into cell: Int) {
    if isExact(cell) {
      if !more.isEmpty { rows.append(more, to: cell) }
    } else {
      bin(more.count, cell) { more[more.startIndex + $0] }
      binRows(of: cell)
    }
  }

  public func single(_ cell: Int) -> ScoreHistogramAccumulator {
    let (keys, sums) = sums.sums(cell)
    return ScoreHistogramAccumulator(
      parameters, search, keys: keys, sums: sums, rows: Array(rows.list(cell)),
      counts: counts[cell])
  }

  /// What `single(cell).output()` returns, without the detour.
  public func output(_ cell: Int) -> ScoreHistogram {
    if rows.count(cell) > 0 { return single(cell).output() }
    let (keys, sums) = sums.sums(cell)
    return parameters.histogram(search, keys: keys, sums: sums, counts: counts[cell])
  }

  /// Reads the scores of the rows of a cell that has few, else what ``readBins(_:into:)`` reads,
  /// into the memory that `bins` holds.
  public func read(_ cell: Int, into bins: inout ScoreBins) {
    if rows.count(cell) > 0, sums.segments[cell].count == 0 {
      bins.read(rows.list(cell))
    } else {
      readBins(cell, into: &bins)
    }
  }

  /// Reads the bins of `output(cell)` into the memory that `bins` holds.
  public func readBins(_ cell: Int, into bins: inout ScoreBins) {
    if !sums.wide.isEmpty || parameters.keepsPredictions || rows.count(cell) > 0 {
      bins = ScoreBins(output(cell))
    } else {
      sums.read(cell, search.bounds, into: &bins)
    }
  }

  public mutating func merge(single: ScoreHistogramAccumulator, into cell: UInt32) {
    counts[Int(cell)].usable += single.counts.usable
    counts[Int(cell)].unusable += single.counts.unusable
    settleRows()
    merge(single.rows[...], into: Int(cell))
    sums.merge(single.sortedSums, into: cell)
  }

  public var byteCount: Int { sums.byteCount + rows.byteCount + counts.capacity * 16 }

  /// 16 bytes a bin and label, 20 while few bins are in use; or the rows, if they are kept.
  public static func byteBound(
    _ parameters: ScoreHistogramParameters, distinctCount: Int
  ) -> Int {
    let distinctCount = max(0, distinctCount)
    let kept = min(parameters.exactRows, distinctCount) * MemoryLayout<ScoredRow>.stride
    return max(min(parameters.keyCount, 3 * distinctCount) * 20, kept) + 64
  }
}
