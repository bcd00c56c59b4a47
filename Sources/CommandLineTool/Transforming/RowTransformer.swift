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
  private let chunkBytes = 1 << 20
  private(set) var totals = Totals()

  init(_ version: TransformVersion, batchRows: Int = 2048) {
    self.version = version
    self.batchRows = batchRows
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
        try emit(
          decoded.batch,
          RecordBatch(
            schema: version.outputSchema, rowCount: decoded.batch.rowCount,
            columns: evaluator.evaluate(decoded.batch)))
      }
    }
  }
}
