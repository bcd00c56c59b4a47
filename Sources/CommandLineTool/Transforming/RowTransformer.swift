import Columns
import Expressions
import FileIO
import Formats
import Transform

/// Applies a transform version to the rows of files, batch by batch.
struct RowTransformer {
  /// What became of the records of the files read so far.
  struct Totals {
    var read = 0
    var bad = 0
    /// Rows on which a model failed; what needs it is missing.
    var failed = 0
    var firstFailure = ""
  }

  /// A record that could not be read.
  struct Refusal {
    var file: String
    /// Of its first byte, decompressed.
    var offset: Int
    var reason: String
  }

  let version: TransformVersion
  private let evaluator: RowEvaluator
  private let batchRows: Int
  private let chunkBytes: Int
  private(set) var totals = Totals()

  init(_ version: TransformVersion, batchRows: Int = 2048) {
    self.version = version
    self.batchRows = batchRows
    chunkBytes = BufferBudget.chunkBytes(columnCount: version.inputs.count)
    evaluator = version.makeEvaluator()
  }

  /// The columns to decode: those the version reads.
  private var inputSchema: Schema {
    let plain = version.program.plainStringColumns
    return Schema(
      version.inputs.map { field in
        var field = field
        if plain.contains(field.name) { field.encoding = .plain }
        return field
      })
  }

  /// Transforms the rows of one file, in order.
  ///
  /// - Parameters:
  ///   - file: Its path; decompressed by its suffix.
  ///   - format: How its records are written.
  ///   - emit: Takes each batch of rows as read, and transformed.
  ///   - refuse: Takes each record that could not be read.
  /// - Throws: What reading and `emit` throw.
  mutating func transform(
    _ file: String, format: FileFormat, emit: (RecordBatch, RecordBatch) throws -> Void,
    refuse: (Refusal) -> Void
  ) throws {
    let reader = try FileSplitReader(path: file, framing: format.framing)
    var decoder = format.makeDecoder(inputSchema)
    let buffer = PaddedBuffer(capacity: chunkBytes)
    while let chunk = try reader.nextChunk(into: buffer, targetBytes: chunkBytes) {
      if chunk.isStartOfSplit { decoder.beginFile() }
      var offset = 0
      while offset < buffer.count {
        let decoded = decoder.decode(buffer, from: offset, limit: batchRows)
        offset = decoded.end
        totals.read += decoded.recordCount
        totals.bad += decoded.badRecords.count
        for record in decoded.badRecords {
          refuse(
            Refusal(
              file: file, offset: chunk.startOffset + record.range.lowerBound,
              reason: record.reason))
        }
        guard decoded.batch.rowCount > 0 else { continue }
        let columns = evaluator.evaluate(decoded.batch)
        let failures = evaluator.takeFailures()
        if totals.failed == 0, let first = failures.first { totals.firstFailure = first.reason }
        totals.failed += failures.count
        try emit(
          decoded.batch,
          RecordBatch(
            schema: version.outputSchema, rowCount: decoded.batch.rowCount, columns: columns))
      }
    }
  }
}
