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
    rows.add([SpooledRows.packed(inputs, rowCount: inputs[0].rowCount)])
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

/// Spooled rows, in an order that is not that of their arrival.
public struct SpooledRows: Sendable {
  private let rows: Vocabulary

  init(_ rows: Vocabulary) { self.rows = rows }

  /// Calls `body` with the rows, each as often as it came, in batches of at most `rowCount`.
  ///
  /// - Parameters:
  ///   - schema: The columns, as they were spooled.
  ///   - rowCount: Rows of a batch.
  ///   - body: Takes one batch.
  /// - Throws: `ByteCodingError` if the rows are not of such columns.
  public func forEachBatch(
    _ schema: Schema, of rowCount: Int = 2_048, _ body: (RecordBatch) -> Void
  ) throws(ByteCodingError) {
    var readers = schema.fields.map { RecordColumnReader($0.type) }
    var count = 0
    func finish() {
      guard count > 0 else { return }
      body(RecordBatch(schema: schema, rowCount: count, columns: readers.map(\.column)))
      readers = schema.fields.map { RecordColumnReader($0.type) }
      count = 0
    }
    try rows.forEach { (entry) throws(ByteCodingError) in
      for _ in 0..<entry.count {
        var reader = ByteReader(entry.token)
        for index in readers.indices { try readers[index].read(&reader) }
        count += 1
        if count == rowCount { finish() }
      }
    }
    finish()
  }

  /// The rows of `columns` as strings of ``RecordBytes``.
  static func packed(_ columns: [Column], rowCount: Int) -> Column {
    var writer = ByteWriter()
    var offsets: [UInt32] = [0]
    offsets.reserveCapacity(rowCount + 1)
    for row in 0..<rowCount {
      for column in columns { RecordBytes.append(column, row, to: &writer) }
      offsets.append(UInt32(writer.bytes.count))
    }
    return .plain(PlainStringColumn(bytes: writer.bytes, offsets: offsets))
  }
}
