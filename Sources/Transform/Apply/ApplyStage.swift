import Accumulators
public import Columns
public import Dataflow
import Expressions

/// A stage that keeps the rows of a window until it closes, to be transformed then.
public struct ApplyStage: Sendable {
  public let description: StageDescription
  /// The columns that are kept.
  private let schema: Schema

  /// - Parameters:
  ///   - inputs: The columns that the version to come reads.
  ///   - eventTime: The column that rows are ordered by; `nil` where no window depends on time.
  ///   - name: The name of the stage.
  public init(inputs: [Field], eventTime: String?, name: String) {
    schema = Schema(inputs)
    let time: Expression = eventTime.map { .column($0) } ?? .integer(0)
    let plan = AccumulatorPlan(GroupedRecords.self, RecordsParameters(types: inputs.map(\.type)))
    let columns = [time, .column(RowIdentity.columnName)] + inputs.map { .column($0.name) }
    description = StageDescription(
      name: name, kind: .transformed, groupings: [[]],
      accumulators: [AccumulatorUse(plan, of: columns)])
  }

  /// The rows of a pane, by event time.
  public func rows(_ content: PaneContent) -> RecordBatch {
    let cells = content.groupings[0]
    let records =
      cells.keys.count == 0
      ? RecordsAccumulator(RecordsParameters(types: schema.fields.map(\.type)))
      : cells.states(0, as: GroupedRecords.self).single(1)
    return RecordBatch(schema: schema, rowCount: records.count, columns: records.output())
  }
}
