import Accumulators
import ByteCoding
public import Columns
public import Dataflow
import Expressions

/// A stage that keeps the rows of a window until it closes, to be transformed then.
public struct ApplyStage: Sendable {
  public let description: StageDescription
  /// Time and identity of a row, by which rows are ordered, and the columns that are handed on.
  private let kept: Schema

  /// - Parameters:
  ///   - inputs: The columns that the version to come reads.
  ///   - eventTime: The column that rows are ordered by; `nil` where no window depends on time.
  ///   - name: The name of the stage.
  public init(inputs: [Field], eventTime: String?, name: String) {
    kept = Schema([Field("time", .int64), Field(RowIdentity.columnName, .int64)] + inputs)
    let time: Expression = eventTime.map { .column($0) } ?? .integer(0)
    let columns = [time, .column(RowIdentity.columnName)] + inputs.map { .column($0.name) }
    let plan = AccumulatorPlan(GroupedSpool.self, SpoolParameters(columns: columns.count))
    description = StageDescription(
      name: name, kind: .transformed, groupings: [[]],
      accumulators: [AccumulatorUse(plan, of: columns)])
  }

  /// The rows of a pane, by event time; `nil` if there is none.
  ///
  /// - Throws: ``TransformError`` if the pane is not one of this stage.
  public func rows(_ content: PaneContent) throws(TransformError) -> RecordBatch? {
    let schema = Schema(Array(kept.fields.dropFirst(2)))
    let cells = content.groupings[0]
    var all: RecordBatch?
    if cells.keys.count > 0 {
      do {
        try cells.states(0, as: GroupedSpool.self).output(1)
          .forEachBatch(kept, of: .max) { all = $0 }
      } catch {
        throw TransformError(error.description)
      }
    }
    guard let rows = all else { return nil }
    let order = Self.order(rows)
    return RecordBatch(
      schema: schema, rowCount: rows.rowCount,
      columns: rows.columns.dropFirst(2).map { $0.gathered(order) })
  }

  private static func order(_ rows: RecordBatch) -> [Int] {
    guard case .int64(let times) = rows.columns[0], case .int64(let identities) = rows.columns[1]
    else { preconditionFailure("time and identity of a row are integers") }
    return (0..<rows.rowCount).sorted { one, two in
      (times.values[one], identities.values[one], one)
        < (times.values[two], identities.values[two], two)
    }
  }
}
