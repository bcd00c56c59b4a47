import Columns
import Dataflow
import Expressions
import Testing

@testable import Evaluation

@Suite struct RowInputsTests {
  /// Labels, scores and weights, all combinations of ordinary and impossible ones.
  private func columns(integerLabels: Bool) -> (columns: [String: Column], count: Int) {
    let labels: [Double?] = integerLabels ? [0, 1, 2, nil] : [0, 0.25, 1, -1, 2, .nan, nil]
    let others: [Double?] = [0, 0.5, 1, 2, -1, .nan, .infinity, nil]
    var rows: [(Double?, Double?, Double?)] = []
    for label in labels {
      for score in others {
        for weight in others { rows.append((label, score, weight)) }
      }
    }
    let label: Column =
      integerLabels
      ? .int64(Int64Column(rows.map { $0.0.map { Int64($0) } }))
      : .float64(Float64Column(rows.map(\.0)))
    return (
      [
        "y": label, "p": .float64(Float64Column(rows.map(\.1))),
        "w": .float64(Float64Column(rows.map(\.2))),
      ], rows.count
    )
  }

  @Test(arguments: [false, true], [false, true])
  func `the compiled row program agrees with the plain reading`(
    integerLabels: Bool, weighted: Bool
  ) throws {
    let (columns, count) = columns(integerLabels: integerLabels)
    let description = try EvaluationStage.lower(
      EvaluationSpec(
        label: .column("y"), models: [ModelOutput(prediction: .column("p"))],
        weight: weighted ? .column("w") : nil,
        metrics: MetricDefinition.plain.map { MetricRequest($0.name) } + [
          MetricRequest(
            "binary_cross_entropy", ["name": .text("smooth"), "label_smoothing": .number(0.1)])
        ]), name: "e"
    ).description
    let expressions = description.accumulators.flatMap(\.inputs)
    let schema = Schema(
      columns.keys.sorted().map { Field($0, $0 == "y" && integerLabels ? .int64 : .float64) })
    let batch = RecordBatch(
      schema: schema, rowCount: count, columns: schema.fields.compactMap { columns[$0.name] })
    let compiled = try RowProgram(expressions, schema: schema).makeEvaluator().evaluate(batch)
    var oracle = ExpressionOracle(columns, rowCount: count)
    for (expression, column) in zip(expressions, compiled) {
      let expected = oracle.evaluate(expression)
      var plain = ExpressionOracle(["x": column], rowCount: count)
      let found = plain.evaluate(.column("x"))
      for row in 0..<count {
        let isSame =
          found[row] == expected[row] || found[row]?.isNaN == true && expected[row]?.isNaN == true
        #expect(isSame, "row \(row) of \(expression)")
      }
    }
    #expect(expressions.count > 10)
  }
}
