import Aggregation
import Columns
import Dataflow
import Expressions
import FileIOTesting
import Runtime
import Testing

@testable import CommandLineTool

/// Rows on which a user's model fails.
@Suite struct ModelFailureTests {
  /// x, of numbers that are not negative.
  private final class Checked: RowModel {
    let reference = ModelReference(function: .onnx, path: "m.onnx", signature: nil, digest: "")
    let inputs = [ModelTensor(name: "x", element: .float64, shape: [nil])]
    let outputs = [ModelTensor(name: "y", element: .float64, shape: [nil])]

    func run(
      _ given: [(input: Int, column: Column)], wanted: [Int], rowCount: Int
    ) throws(ModelFailure) -> [Column] {
      guard case .float64(let x) = given[0].column, x.values.allSatisfy({ $0 >= 0 }) else {
        throw ModelFailure("a number is negative")
      }
      return [given[0].column]
    }
  }

  private struct Case: Sendable {
    var filter: String?
    /// Whether the filter keeps a number, `nil` where it cannot say.
    var keeps: @Sendable (Int) -> Bool?
  }

  private static let cases = [
    Case(filter: nil) { _ in true },
    Case(filter: "x > -100") { $0 > -100 },
    Case(filter: "onnx('m.onnx', x) < 200.0") { $0 < 0 ? nil : $0 < 200 },
  ]

  private func bound(_ formula: String) throws -> Expression {
    try Expression(formula: formula).bindingModels { _ in Checked() }
  }

  @Test(arguments: cases, [(1, 2048), (3, 7)])
  private func `are quarantined, unless the filter takes them out`(
    example: Case, settings: (workers: Int, batchRows: Int)
  ) throws {
    let directory = try TemporaryDirectory()
    let numbers = (0..<500).map { $0 % 5 == 0 ? -$0 - 1 : $0 }
    let path = try directory.write("in.jsonl", numbers.map { "{\"x\": \($0).0}\n" }.joined())
    let yaml = """
      job: models
      source: { files: { paths: [\(path)], format: jsonl } }
      schema: { x: float }
      windows: { global: {} }
      aggregate: { values: { total: sum(x), rows: count() } }
      output: { snapshots: \(directory.path)/out }
      """
    let plan = try EngineRun.plan(yaml, at: try directory.write("job.yaml", yaml))
    let stage = try AggregationStage(
      name: "", keys: [],
      values: [
        .init("total", try bound("sum(onnx('m.onnx', x))")), .init("rows", try bound("count()")),
      ], schema: plan.schema)
    let pipeline = try Pipeline(
      schema: plan.schema, eventTime: plan.pipeline.eventTime,
      filter: try example.filter.map(bound),
      stages: [
        Pipeline.StageRequest(
          stage.description, windowing: plan.pipeline.stages[0].windowing)
      ])
    let sink = CollectingSink()
    let report = try Runner(
      pipeline, source: plan.source, sink: sink,
      options: RunOptions(workers: settings.workers, batchRows: settings.batchRows, chunkBytes: 400)
    ).run()
    let bad = numbers.filter { $0 < 0 && example.keeps($0) != false }
    let good = numbers.filter { $0 >= 0 && example.keeps($0) == true }
    let ledger = report.total
    #expect(ledger.quarantined == bad.count && bad.count > 10)
    #expect(ledger.aggregated == good.count)
    #expect(ledger.filtered == numbers.count - bad.count - good.count)
    let letters = sink.contents.letters
    #expect(
      Set(letters.map { String(decoding: $0.bytes, as: UTF8.self) })
        == Set(bad.map { "{\"x\": \($0).0}" }))
    #expect(letters.allSatisfy { $0.reason == "onnx m.onnx: a number is negative" })
    let pane = try #require(sink.contents.panes.last)
    let line = String(decoding: stage.finish(pane.content).jsonLines().0, as: UTF8.self)
    #expect(
      line.contains("\"rows\":\(good.count)") && line.contains("\(good.reduce(0, +)).0"), "\(line)")
  }
}
