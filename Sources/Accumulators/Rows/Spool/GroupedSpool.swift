public import ByteCoding
public import Columns

/// Rows of any columns by cell; the grouped form of ``SpoolAccumulator``.
public struct GroupedSpool: GroupedAccumulator {
  private let parameters: SpoolParameters
  private var rows: GroupedVocabulary

  public init(_ parameters: SpoolParameters) {
    self.init(parameters, GroupedVocabulary(VocabularyParameters()))
  }

  private init(_ parameters: SpoolParameters, _ rows: GroupedVocabulary) {
    self.parameters = parameters
    self.rows = rows
  }

  public var cellCount: Int { rows.cellCount }

  public mutating func grow(to cellCount: Int) { rows.grow(to: cellCount) }

  public mutating func add(_ inputs: [Column], cells: [UInt32], uniform: UInt32?) {
    precondition(inputs.count == parameters.columns, "\(inputs.count) columns for a row")
    if uniform == 0 { return }
    rows.add(
      [SpooledRows.packed(inputs, rowCount: cells.count)], cells: cells,
      uniform: uniform)
  }

  public mutating func extract(_ cells: [UInt32]) -> GroupedSpool {
    GroupedSpool(parameters, rows.extract(cells))
  }

  public mutating func merge(_ other: GroupedSpool, mapping: [UInt32]) {
    rows.merge(other.rows, mapping: mapping)
  }

  public func single(_ cell: Int) -> SpoolAccumulator {
    SpoolAccumulator(parameters, rows.single(cell))
  }

  public func output(_ cell: Int) -> SpooledRows {
    SpooledRows(Vocabulary(rows.allRuns(cell)))
  }

  public mutating func merge(single: SpoolAccumulator, into cell: UInt32) {
    rows.merge(single: single.rows, into: cell)
  }

  public func encode(_ cell: Int, into writer: inout ByteWriter) {
    rows.encode(cell, into: &writer)
  }

  public mutating func decode(
    _: SpoolParameters, into cell: UInt32, from reader: inout ByteReader
  ) throws(ByteCodingError) {
    try rows.decode(VocabularyParameters(), into: cell, from: &reader)
  }

  public static var canSpill: Bool { true }
  public var spillableByteCount: Int { rows.spillableByteCount }
  public var spilledByteCount: Int { rows.spilledByteCount }
  public mutating func spill(to store: any SpillStore) { rows.spill(to: store) }

  public var byteCount: Int { rows.byteCount }

  /// Every distinct row, 16 bytes a column being assumed.
  public static func byteBound(_ parameters: SpoolParameters, distinctCount: Int) -> Int {
    GroupedVocabulary.byteBound(VocabularyParameters(), distinctCount: distinctCount)
      + distinctCount * 16 * parameters.columns
  }
}
