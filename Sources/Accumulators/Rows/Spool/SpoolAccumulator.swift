public import ByteCoding
public import Columns

/// How many columns a spooled row has.
public struct SpoolParameters: Hashable, Sendable {
  public var columns: Int

  public init(columns: Int) { self.columns = columns }
}

/// Every row as it is, of columns of any type, for statistics that need another pass.
///
/// Equal rows are held once, with their count. Output: ``SpooledRows``.
public struct SpoolAccumulator: Accumulator {
  private let parameters: SpoolParameters
  private(set) var rows = VocabularyAccumulator(VocabularyParameters())

  public init(_ parameters: SpoolParameters) { self.parameters = parameters }

  init(_ parameters: SpoolParameters, _ rows: VocabularyAccumulator) {
    self.parameters = parameters
    self.rows = rows
  }

  public mutating func add(_ inputs: [Column]) {
    precondition(inputs.count == parameters.columns, "\(inputs.count) columns for a row")
    rows.add([.plain(RowPacking.packed(inputs, rowCount: inputs[0].rowCount))])
  }

  public mutating func merge(_ other: SpoolAccumulator) { rows.merge(other.rows) }

  public func output() -> SpooledRows { SpooledRows(rows.output()) }

  /// Appends the canonical form of the vocabulary of packed rows.
  public func encode(into writer: inout ByteWriter) { rows.encode(into: &writer) }

  public static func decode(
    _ parameters: SpoolParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> SpoolAccumulator {
    SpoolAccumulator(
      parameters, try VocabularyAccumulator.decode(VocabularyParameters(), from: &reader))
  }
}

/// Spooled rows, by a canonical order that is not that of their arrival.
public struct SpooledRows: Sendable {
  private let entries: [Vocabulary.Entry]

  init(_ rows: Vocabulary) { entries = rows.entries }

  /// The rows, each as often as it came, in batches of at most `rowCount`.
  ///
  /// - Parameter schema: The columns, as they were spooled.
  /// - Throws: `ByteCodingError` if the rows are not of such columns.
  public func batches(
    _ schema: Schema, of rowCount: Int = 2_048
  ) throws(ByteCodingError) -> [RecordBatch] {
    var batches: [RecordBatch] = []
    var values: [[RowPacking.Value]] = schema.fields.map { _ in [] }
    var count = 0
    func finish() {
      guard count > 0 else { return }
      let columns = zip(schema.fields, values).map { Column($1, type: $0.type) }
      batches.append(RecordBatch(schema: schema, rowCount: count, columns: columns))
      values = schema.fields.map { _ in [] }
      count = 0
    }
    for entry in entries {
      var reader = ByteReader(entry.token)
      var row: [RowPacking.Value] = []
      for _ in schema.fields { row.append(try RowPacking.value(from: &reader)) }
      for _ in 0..<entry.count {
        for index in row.indices { values[index].append(row[index]) }
        count += 1
        if count == rowCount { finish() }
      }
    }
    finish()
    return batches
  }
}
