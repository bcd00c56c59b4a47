import Columns
import Dataflow
import EventTime
import Expressions
import Snapshots
import Transform

/// The rows of a window, transformed: what is published of an apply stage.
struct AppliedRows {
  /// The column that says which version made a row.
  static let stampColumn = "transform_version"
  private static let batchRows = 2048

  let stage: ApplyStage
  let versions: AppliedVersions
  let format: RowFormat

  func payload(_ content: PaneContent, _ window: Window) throws -> Payload {
    let rows = try stage.rows(content)
    let count = rows?.rowCount ?? 0
    var payload = Payload(files: [:])
    guard let applied = try versions.latest(before: window) else {
      payload.applied = ["version": "none", "rows_left_out": String(count)]
      return payload
    }
    payload.applied = ["payload_sha256": applied.digest, "rows": String(count)]
    payload.applied["window"] = applied.window?.description
    payload.applied["directory"] = applied.directory
    let schema = Schema(
      applied.version.outputSchema.fields + [Field(Self.stampColumn, .string)])
    let writer = RowWriter(format, schema: schema)
    var bytes = writer.header
    let evaluator = applied.version.makeEvaluator()
    let stamp = StringDictionary()
    let id = stamp.intern(applied.stamp)
    var failures: [RowFailure] = []
    for start in stride(from: 0, to: count, by: Self.batchRows) {
      let range = Array(start..<min(start + Self.batchRows, count))
      guard let rows else { break }
      let batch = RecordBatch(
        schema: rows.schema, rowCount: range.count, columns: rows.columns.map { $0.gathered(range) }
      )
      let stamps = Column.string(
        StringColumn(ids: [UInt32](repeating: id, count: range.count), dictionary: stamp))
      let columns = evaluator.evaluate(batch)
      failures += evaluator.takeFailures()
      bytes += writer.bytes(
        RecordBatch(schema: schema, rowCount: range.count, columns: columns + [stamps]))
    }
    if let first = failures.first {
      payload.applied["rows_without_model"] = "\(failures.count): \(first.reason)"
    }
    payload.files["rows.\(format.rawValue)"] = bytes
    return payload
  }
}
