import ByteCoding
import Columns
import EventTime
import Expressions
import Testing

@testable import Dataflow

/// Windows of 10, no lateness, a wait of 20: those of a row at 3 close at 30.
@Suite struct LabelJoinTests {
  struct Row: Sendable {
    var key: String
    var time: Int64
    var value: Int64 = 0
  }

  struct Case: Sendable, CustomStringConvertible {
    var description: String
    var predictions: [Row]
    /// With what the label says.
    var labels: [Row]
    /// `key time label @release`, in order.
    var joined: [String]
    var duplicates = 0
    var unmatched = 0
    var late = 0
    /// Predictions that take part, if not all.
    var announced: Int?
  }

  static let cases = [
    Case(
      description: "a label within the wait is its prediction's",
      predictions: [Row(key: "a", time: 3)], labels: [Row(key: "a", time: 23, value: 1)],
      joined: ["a 3 1 @23"]),
    Case(
      description: "of several labels the first counts", predictions: [Row(key: "a", time: 3)],
      labels: [Row(key: "a", time: 5, value: 1), Row(key: "a", time: 7, value: 2)],
      joined: ["a 3 1 @5"], duplicates: 1),
    Case(
      description: "a label behind its own split is as late as that was",
      predictions: [Row(key: "a", time: 3), Row(key: "b", time: 3)],
      labels: [Row(key: "b", time: 9, value: 1), Row(key: "a", time: 4, value: 2)],
      joined: ["a 3 2 @9", "b 3 1 @9"]),
    Case(
      description: "a prediction behind its own split meets a label that waits",
      predictions: [Row(key: "b", time: 15), Row(key: "a", time: 3)],
      labels: [Row(key: "a", time: 4, value: 1)], joined: ["a 3 1 @15"], unmatched: 1),
    Case(
      description: "a label after the wait, or before its prediction, is nobody's",
      predictions: [Row(key: "a", time: 3), Row(key: "b", time: 5)],
      labels: [Row(key: "b", time: 4, value: 1), Row(key: "a", time: 24, value: 1)],
      joined: [], unmatched: 4),
    Case(
      description: "a second prediction of a key is a duplicate until the windows are closed",
      predictions: [Row(key: "a", time: 3), Row(key: "a", time: 12), Row(key: "a", time: 30)],
      labels: [Row(key: "a", time: 5, value: 1), Row(key: "a", time: 31, value: 2)],
      joined: ["a 3 1 @5", "a 30 2 @31"], duplicates: 1, announced: 2),
    Case(
      description: "a row is late when its windows are closed",
      predictions: [Row(key: "b", time: 30), Row(key: "a", time: 9)],
      labels: [Row(key: "b", time: 32, value: 1)], joined: ["b 30 1 @32"], late: 1, announced: 1),
    Case(
      description: "a prediction and its label at one time are a pair",
      predictions: [Row(key: "a", time: 3)], labels: [Row(key: "a", time: 3, value: 1)],
      joined: ["a 3 1 @3"]),
  ]

  @Test(arguments: cases)
  func `which label a prediction gets is a function of the rows`(_ example: Case) throws {
    let plan = try Self.plan()
    let steps: [[Int64]] = [[.max], Array(0...70) + [.max], [10, 31, .max]]
    for watermarks in steps {
      for isSaved in [false, true] {
        let found = try run(example, plan, watermarks, isSaved: isSaved)
        #expect(found.joined.sorted() == example.joined.sorted(), "\(watermarks)")
        #expect(found.announced == example.announced ?? example.predictions.count)
        #expect(found.ledger.duplicate == example.duplicates, "\(watermarks)")
        #expect(found.ledger.unmatched == example.unmatched, "\(watermarks)")
        #expect(found.ledger.aggregated == example.joined.count)
        #expect(found.ledger.emitted == example.joined.count)
        #expect(found.ledger.held == 0)
        #expect(found.late == example.late)
      }
    }
  }

  private struct Found {
    var joined: [String] = []
    var announced = 0
    var ledger = Ledger()
    var late = 0
  }

  private func run(
    _ example: Case, _ pipeline: Pipeline, _ watermarks: [Int64], isSaved: Bool
  ) throws -> Found {
    let plan = try #require(pipeline.join)
    var join = Self.join(pipeline, plan)
    var found = Found()
    for (side, rows) in [(JoinSide.predictions, example.predictions), (.labels, example.labels)] {
      var reader = JoinReader(side, of: plan, ClosingTimes(pipeline.stages))
      var taken = JoinRows(side: side, split: side.rawValue)
      let columns: [Column] = [
        .int64(Int64Column(rows.map(\.time))),
        .string(StringColumn(rows.map { $0.key })), .int64(Int64Column(rows.map(\.value))),
      ]
      let batch = RecordBatch(
        schema: Self.schema, rowCount: rows.count, columns: columns)
      let judged = EvaluatedBatch(
        columns: [], times: rows.map(\.time), kept: nil, priorMaximum: .min, outOfOrderness: .zero)
      found.late += reader.read(batch, judged, position: 0, into: &taken).count
      found.ledger.held += taken.count
      join.add(taken)
    }
    for watermark in watermarks {
      let outcome = join.advance(to: Timestamp(microseconds: watermark))
      for change in outcome.ledgers.values { found.ledger += change }
      for batch in outcome.batches { read(batch, into: &found) }
      guard isSaved else { continue }
      var writer = ByteWriter()
      join.encode(into: &writer)
      join = Self.join(pipeline, plan)
      var reader = ByteReader(writer.bytes)
      try join.decode(from: &reader)
      #expect(reader.isAtEnd)
    }
    return found
  }

  private func read(_ joined: JoinedBatch, into found: inout Found) {
    guard joined.isLabelled else { return found.announced += joined.times.count }
    guard case .string(let keys)? = joined.batch.column("key"),
      case .int64(let labels)? = joined.batch.column("value")
    else {
      Issue.record("\(joined.batch.schema)")
      return
    }
    for row in joined.times.indices {
      let key = keys.dictionary.string(keys.ids[row])
      found.joined.append(
        "\(key) \(joined.times[row]) \(labels.values[row]) @\(joined.releases[row])")
    }
  }

  private static func join(_ pipeline: Pipeline, _ plan: JoinPlan) -> LabelJoin {
    var join = LabelJoin(plan, pipeline.stages)
    join.addSplit("predictions")
    join.addSplit("labels")
    return join
  }

  private static let schema = Schema([
    Field("at", .timestamp), Field("key", .string), Field("value", .int64),
  ])

  private static func plan() throws -> Pipeline {
    let policy = Pipeline.EventTimePolicy(column: "at", maxOutOfOrderness: .zero)
    func input(_ names: [String: String]) -> JoinRequest.Input {
      JoinRequest.Input(
        schema: schema, names: names, eventTime: policy, key: ["key"], filter: nil)
    }
    let predictions = input(["at": "p.at", "value": "p.value"])
    let labels = input(["at": "l.at", "key": "l.key"])
    let stage = StageDescription(
      name: "", kind: .aggregate, groupings: [[.column("key"), .column("value")]], accumulators: [])
    return try Pipeline(
      schema: Schema(predictions.namedFields + labels.namedFields), eventTime: policy, filter: nil,
      stages: [
        Pipeline.StageRequest(
          stage,
          windowing: WindowingStrategy(
            windowFn: FixedWindows(size: .microseconds(10), offset: .zero),
            allowedLateness: .microseconds(20)))
      ],
      join: JoinRequest(
        predictions: predictions, labels: labels, labelWait: .microseconds(20),
        memoryLimit: 1 << 20))
  }
}
