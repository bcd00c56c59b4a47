import Columns
import Dataflow
import Expressions
import Testing

@testable import Evaluation

@Suite struct ValidationResultTests {
  private func check(
    _ value: MetricValue, bound: Double? = nil, examples: Int64 = 1, from lower: Double?,
    to upper: Double? = nil
  ) -> Verdict {
    ThresholdCheck(
      MetricThreshold("m", lowerBound: lower, upperBound: upper),
      on: MetricResult(
        key: MetricKey(name: "m"), value: value, bound: bound, examples: examples, weight: 1),
      of: .overall
    ).verdict
  }

  @Test func `bounds are inclusive`() {
    #expect(check(.number(0.5), from: 0.5) == .pass)
    #expect(check(.number(0.5), from: nil, to: 0.5) == .pass)
    #expect(check(.number(0.5), from: 0.5.nextUp) == .fail)
    #expect(check(.number(0.5), from: 0, to: 0.5.nextDown) == .fail)
  }

  @Test func `what cannot be known is not a pass`() {
    for verdict in [
      check(.number(.nan), from: 0), check(.numbers([1]), from: 0),
      check(.number(0), examples: 0, from: 0), check(.number(0.5), bound: 0.1, from: 0.45),
    ] {
      #expect(verdict.name == "undecided")
      #expect(verdict.reason?.isEmpty == false)
    }
    #expect(check(.number(0.5), bound: 0.1, from: 0.35) == .pass)
    #expect(check(.number(0.5), bound: 0.1, from: 0.65) == .fail)
  }

  @Test func `a failure outweighs doubt, and doubt a pass`() {
    func overall(_ values: [Double]) -> String {
      ValidationResult(
        values.map {
          ThresholdCheck(
            MetricThreshold("m", lowerBound: 0),
            on: MetricResult(key: MetricKey(name: "m"), value: .number($0), examples: 1, weight: 1),
            of: .overall)
        }
      ).verdict.name
    }
    #expect(overall([1, 2]) == "pass")
    #expect(overall([1, .nan]) == "undecided")
    #expect(overall([1, .nan, -1]) == "fail")
    #expect(overall([]) == "undecided")
  }

  @Test func `thresholds hold for the slices they name, seen or not`() throws {
    let harness = EvaluationHarness(
      columns: [
        "y": .float64(Float64Column([1, 0, 1])), "p": .float64(Float64Column([0.9, 0.8, 0.1])),
        "c": .string(StringColumn(["a", "a", "b"])),
      ], rowCount: 3)
    let snapshot = try harness.run(
      EvaluationSpec(
        label: .column("y"), models: [ModelOutput(prediction: .column("p"))],
        slices: [.overall, SlicingSpec(["c"])], metrics: [MetricRequest("mean_label")],
        thresholds: [
          MetricThreshold("mean_label", lowerBound: 0.6),
          MetricThreshold(
            "mean_label", upperBound: 0.9,
            slices: [
              SlicingSpec([], values: [.init("c", "b")]),
              SlicingSpec([], values: [.init("c", "z")]),
            ]),
        ]))
    let checks = snapshot.validation.checks.map { "\($0.slice): \($0.verdict.name)" }
    #expect(
      checks == ["overall: pass", "c=a: fail", "c=b: pass", "c=b: fail", "c=z: undecided"])
    #expect(snapshot.validation.verdict == .fail)
  }
}
