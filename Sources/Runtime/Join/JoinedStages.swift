import ByteCoding
import Columns
import Dataflow
import EventTime
import Expressions

/// A label join with the stages behind it: rows go in, and come to be part of windows as the
/// watermark passes.
///
/// Sound: `evaluator` is reached only through the coordinator, which is behind a lock.
struct JoinedStages: @unchecked Sendable {
  private var join: LabelJoin
  private let evaluator: RowEvaluator
  private var operators: [any StageOperator]
  /// By stage: whether predictions count before they have a label.
  private let takesUnlabelled: [Bool]
  let memoryLimit: Int

  init(_ pipeline: Pipeline, _ plan: JoinPlan) {
    join = LabelJoin(plan, pipeline.stages)
    evaluator = pipeline.program.makeEvaluator()
    operators = pipeline.stages.map { $0.makeOperator() }
    takesUnlabelled = pipeline.stages.map { $0.kind == .evaluation }
    memoryLimit = plan.memoryLimit
  }

  /// What became of rows as the watermark passed.
  struct Outcome {
    /// By stage.
    var admitted: [[AdmittedRows]]
    var refused: [[Window: Int]]
    /// How the books of each split change.
    var ledgers: [Int: Ledger]
  }

  mutating func addSplit(_ name: String) { join.addSplit(name) }

  mutating func add(_ rows: JoinRows) { join.add(rows) }

  mutating func advance(to watermark: Timestamp) -> Outcome {
    let joined = join.advance(to: watermark)
    var outcome = Outcome(
      admitted: [], refused: operators.map { _ in [:] }, ledgers: joined.ledgers)
    for rows in joined.batches {
      let batch = EvaluatedBatch(
        columns: evaluator.evaluate(rows.batch), times: rows.times, kept: nil, priorMaximum: .min,
        outOfOrderness: .zero, watermarks: rows.releases)
      for index in operators.indices where rows.isLabelled || takesUnlabelled[index] {
        let refused = operators[index].process(batch).refusedByWindow
        outcome.refused[index].merge(refused, uniquingKeysWith: +)
      }
    }
    outcome.admitted = operators.indices.map { operators[$0].takeCounts() }
    return outcome
  }

  mutating func extract(_ due: DueFiring) -> PaneContent? {
    operators[due.stage].extract(due.firing.window, of: due.key, upTo: due.horizon)
  }

  mutating func extractAll(stage: Int) -> [(slot: RowSlot, content: PaneContent)] {
    operators[stage].extractAll()
  }

  /// Of rows that wait; what they have come to in windows is declared by the stages.
  var byteCount: Int { join.byteCount }

  mutating func closingTime() -> Timestamp? { join.closingTime() }

  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    join.encode(into: &writer)
    return writer.bytes
  }

  /// - Precondition: Nothing was added but splits.
  mutating func restore(_ bytes: [UInt8]) throws(ByteCodingError) {
    var reader = ByteReader(bytes)
    try join.decode(from: &reader)
    guard reader.isAtEnd else { throw ByteCodingError("more than a join", at: reader.offset) }
  }
}

/// Rows that wait for each other take more memory than the job declares.
public struct JoinMemoryError: Error, CustomStringConvertible {
  let byteCount: Int
  let limit: Int

  public var description: String {
    "the label join holds \(byteCount) bytes of rows that wait for each other, over its limit of "
      + "\(limit); raise join.memory, or shorten label_wait, allowed_lateness or the windows"
  }
}
