public import Columns

/// Vocabularies by cell; the grouped form of ``VocabularyAccumulator``.
///
/// Counts are kept by dictionary id; what is extracted has a dictionary of its own. What has been
/// put away (see ``spill(to:)``) is in sorted runs, and is merged with what is here when it is read.
public struct GroupedVocabulary: GroupedAccumulator {
  private let parameters: VocabularyParameters
  var tokens = TokenIDs()
  var counts = KeyedSums()
  /// Weights by id, from the first batch that has some; a row without one has weight 1.
  var weights: KeyedSums?
  /// More of each cell.
  var runs: [UInt32: [TokenRun]] = [:]

  public init(_ parameters: VocabularyParameters) { self.parameters = parameters }

  public private(set) var cellCount = 0

  public mutating func grow(to cellCount: Int) {
    guard cellCount > self.cellCount else { return }
    self.cellCount = cellCount
    counts.grow(to: cellCount)
    weights?.grow(to: cellCount)
  }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    if uniform == 0 { return }
    let column = TokenColumn(inputs[0])
    precondition(column.validity.count == cells.count, "\(column.validity.count) rows of tokens")
    let ids = tokens.ids(of: column)
    counts.growKeys(to: tokens.count)
    if inputs.count > 1 { makeWeighted() }
    guard weights == nil else {
      let rows = inputs.count > 1 ? NumericColumn(inputs[1]).doubles : nil
      add(column, ids, cells, weights: rows)
      return
    }
    if let uniform, column.isWhole {
      counts.count(ids, in: Int(uniform))
    } else if let uniform {
      var present: [UInt32] = []
      column.forEachElement { _, element in present.append(ids[element]) }
      counts.count(present, in: Int(uniform))
    } else {
      Self.log(column, ids, cells, weights: nil, in: &counts, counting: true)
    }
  }

  private mutating func add(
    _ column: TokenColumn, _ ids: [UInt32], _ cells: [UInt32], weights rows: [Double]?
  ) {
    Self.log(column, ids, cells, weights: rows, in: &counts, counting: true)
    weights?.growKeys(to: tokens.count)
    if var weights {
      self.weights = nil
      Self.log(column, ids, cells, weights: rows, in: &weights, counting: false)
      self.weights = weights
    }
  }

  /// Begins to keep weights; what was counted so far weighs 1 a row.
  private mutating func makeWeighted() {
    if weights != nil { return }
    counts.settle()
    weights = counts
  }

  private static func log(
    _ column: TokenColumn, _ ids: [UInt32], _ cells: [UInt32], weights: [Double]?,
    in sums: inout KeyedSums, counting: Bool
  ) {
    var log = CellLog<KeyedSums.Entry>()
    swap(&log, &sums.log)
    log.append(ids.count) { log, start in
      var end = start
      column.forEachElement { row, element in
        let weight = weights.map { $0[row] } ?? 1
        guard isUsable(weight: weight) else { return }
        log[end] = KeyedSums.Entry(
          cell: cells[row], key: ids[element], value: counting ? 1 : weight)
        end += 1
      }
      return end
    }
    swap(&log, &sums.log)
    sums.settleIfLong()
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedVocabulary {
    var result = GroupedVocabulary(parameters)
    let moved = counts.extract(cells)
    let ids = result.tokens.ids(of: tokens, where: moved.usedKeys)
    let mapping = (0...UInt32(cells.count)).map { $0 }
    result.cellCount = cells.count + 1
    result.counts.grow(to: result.cellCount)
    result.counts.growKeys(to: result.tokens.count)
    result.counts.merge(moved, mapping: mapping, keys: ids)
    if var held = weights {
      weights = nil
      let moved = held.extract(cells)
      weights = held
      var renamed = KeyedSums()
      renamed.grow(to: result.cellCount)
      renamed.growKeys(to: result.tokens.count)
      renamed.merge(moved, mapping: mapping, keys: ids)
      result.weights = renamed
    }
    if !runs.isEmpty {
      for (index, cell) in cells.enumerated() {
        result.runs[UInt32(index) + 1] = runs.removeValue(forKey: cell)
      }
    }
    return result
  }

  public mutating func merge(_ other: GroupedVocabulary, mapping: [UInt32]) {
    let ids = tokens.ids(of: other.tokens, where: other.counts.usedKeys)
    counts.growKeys(to: tokens.count)
    if other.weights != nil { makeWeighted() }
    counts.merge(other.counts, mapping: mapping, keys: ids)
    weights?.growKeys(to: tokens.count)
    weights?.merge(other.weights ?? other.counts, mapping: mapping, keys: ids)
    for (cell, more) in other.runs where mapping[Int(cell)] != 0 {
      runs[mapping[Int(cell)], default: []] += more
    }
  }

  public func single(_ cell: Int) -> VocabularyAccumulator {
    if runs[UInt32(cell)] != nil {
      var totals: [[UInt8]: VocabularyAccumulator.Totals] = [:]
      for (token, held) in TokenMerge(allRuns(cell)) {
        totals[Array(token)] = .init(count: held.count, weight: held.sum)
      }
      return VocabularyAccumulator(totals)
    }
    var totals: [[UInt8]: VocabularyAccumulator.Totals] = [:]
    let (ids, counts) = counts.sums(cell)
    var weightOf: [UInt32: ExactSum] = [:]
    if let (weighted, sums) = weights?.sums(cell) {
      for (index, id) in weighted.enumerated() { weightOf[id] = sums.sum(index) }
    }
    for (index, id) in ids.enumerated() {
      let weight = weights == nil ? counts.sum(index) : weightOf[id] ?? ExactSum()
      totals[tokens.bytes(id)] = VocabularyAccumulator.Totals(
        count: Int64(counts.value(index)), weight: weight)
    }
    return VocabularyAccumulator(totals)
  }

  /// What `single(cell).output()` returns, without the detour.
  public func output(_ cell: Int) -> Vocabulary {
    if runs[UInt32(cell)] != nil { return Vocabulary(allRuns(cell)) }
    let (ids, counts) = counts.sums(cell)
    var weightOf: [UInt32: Double] = [:]
    if let (weighted, sums) = weights?.sums(cell) {
      for (index, id) in weighted.enumerated() { weightOf[id] = sums.value(index) }
    }
    var ranked: [(weight: Double, prefix: UInt64, id: UInt32, count: Int64)] = []
    ranked.reserveCapacity(ids.count)
    for (index, id) in ids.enumerated() {
      let count = counts.value(index)
      let weight = weights == nil ? count : weightOf[id] ?? 0
      ranked.append((weight, tokens.prefix(id), id, Int64(count)))
    }
    ranked.sort { one, two in
      if one.weight != two.weight { return one.weight > two.weight }
      if one.prefix != two.prefix { return one.prefix > two.prefix }
      return tokens.isOrdered(two.id, before: one.id)
    }
    return Vocabulary(
      ranked: ranked.map {
        Vocabulary.Entry(token: tokens.bytes($0.id), count: $0.count, weight: $0.weight)
      })
  }

  public mutating func merge(single: VocabularyAccumulator, into cell: UInt32) {
    makeWeighted()
    for (token, held) in single.totals {
      let id = tokens.id(of: token)
      counts.growKeys(to: tokens.count)
      weights?.growKeys(to: tokens.count)
      var count = ExactSum()
      count.add(held.count)
      counts.add(count, id, to: cell)
      weights?.add(held.weight, id, to: cell)
    }
  }

  public var byteCount: Int {
    runs.values.joined().reduce(tableByteCount) { $0 + $1.heldByteCount }
  }

  var tableByteCount: Int {
    counts.byteCount + (weights?.byteCount ?? 0) + tokens.byteCount
  }

  public static var takesPlainStrings: Bool { true }

  /// 20 bytes a token, as much again when weighted; strings of 16 bytes are assumed.
  public static func byteBound(_: VocabularyParameters, distinctCount: Int) -> Int {
    distinctCount * (2 * 20 + 56 + 16)
  }
}
