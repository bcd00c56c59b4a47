/// Rows held column by column; immutable once built.
public struct RecordBatch: Sendable {
  public let schema: Schema
  public let rowCount: Int
  /// One column a field of `schema`, in order, each of `rowCount` rows.
  public let columns: [Column]

  public init(schema: Schema, rowCount: Int, columns: [Column]) {
    precondition(
      columns.count == schema.fields.count,
      "\(columns.count) columns for \(schema.fields.count) fields")
    self.schema = schema
    self.rowCount = rowCount
    self.columns = columns
  }

  /// The column called `name`, or `nil`.
  public func column(_ name: String) -> Column? { schema.position(of: name).map { columns[$0] } }
}
