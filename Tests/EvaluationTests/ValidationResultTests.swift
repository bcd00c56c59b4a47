import Columns
import Dataflow
import Expressions
import Testing

@testable import Evaluation

@Suite struct ValidationResultTests {
  private func check(
    _ value: MetricValue, bound: Double? = nil, interval: ClosedRange<Double>? = nil,
    examples: Int64 = 1, from lower: Double?, to upper: Double? = nil
  ) -> String {
    var result = MetricResult(
      key: MetricKey(name: "m"), value: value, bound: bound, examples: examples, weight: 1)
    result.interval = interval
    let verdict = ThresholdCheck(
      MetricThreshold("m", lowerBound: lower, upperBound: upper), on: result, of: .overall
    ).verdict
    return verdict.reason.map { "\(verdict.name) \($0.code.rawValue)" } ?? verdict.name
  }

  /// A change from a baseline of 0.8, higher being better.
  private func changeCheck(
    _ difference: Double, interval: ClosedRange<Double>? = nil, relative: Double? = nil,
    baseline: Double = 0.8
  ) -> ThresholdCheck {
    var threshold = MetricThreshold("m")
    threshold.change = .init(direction: .higher, absolute: -0.01, relative: relative)
    func result(_ value: Double) -> MetricResult {
      MetricResult(key: MetricKey(name: "m"), value: .number(value), examples: 9, weight: 9)
    }
    var change = result(difference)
    change.interval = interval
    return ThresholdCheck(threshold, on: change, of: .overall, baseline: result(baseline))
  }

  @Test func `where there is an interval, all of it must agree`() {
    #expect(check(.number(0.5), interval: 0.4...0.6, from: 0.4) == "pass")
    #expect(
      check(.number(0.5), interval: 0.4...0.6, from: 0.41) == "undecided within_interval")
    #expect(
      check(.number(0.5), interval: 0.4...0.6, from: 0.59) == "undecided within_interval")
    #expect(check(.number(0.5), interval: 0.4...0.6, from: 0.61) == "fail below_lower_bound")
    #expect(
      check(.number(0.5), bound: 0.05, interval: 0.4...0.6, from: 0.61)
        == "undecided within_interval", "an interval is about the computed value")
    #expect(
      check(.number(0.5), interval: 0.4...0.6, from: nil, to: 0.39) == "fail above_upper_bound")
  }

  @Test func `changes are held against the baseline`() {
    #expect(changeCheck(-0.005).verdict == .pass)
    #expect(changeCheck(-0.02).verdict.reason?.code == .changeBelowLimit)
    #expect(changeCheck(0, interval: -0.02...0.02).verdict.reason?.code == .withinInterval)
    #expect(changeCheck(0.05, interval: 0.04...0.06).verdict == .pass)
    let relative = changeCheck(0.05, relative: 0.1)
    #expect(abs(relative.limits.lowest - 0.08) < 1e-15)
    #expect(relative.verdict.reason?.code == .changeBelowLimit)
    #expect(changeCheck(0.05, relative: 0.1, baseline: 0).verdict.reason?.code == .noBaseline)
  }

  @Test func `bounds are inclusive`() {
    #expect(check(.number(0.5), from: 0.5) == "pass")
    #expect(check(.number(0.5), from: nil, to: 0.5) == "pass")
    #expect(check(.number(0.5), from: 0.5.nextUp) == "fail below_lower_bound")
    #expect(check(.number(0.5), from: 0, to: 0.5.nextDown) == "fail above_upper_bound")
  }

  @Test func `what cannot be known is not a pass`() {
    #expect(check(.number(.nan), from: 0) == "undecided not_defined")
    #expect(check(.numbers([1]), from: 0) == "undecided not_a_number")
    #expect(check(.number(0), examples: 0, from: 0) == "undecided no_usable_row")
    #expect(check(.number(0.5), bound: 0.1, from: 0.45) == "undecided within_error_bound")
    #expect(check(.number(0.5), bound: 0.1, from: 0.35) == "pass")
    #expect(check(.number(0.5), bound: 0.1, from: 0.65) == "fail below_lower_bound")
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
    #expect(snapshot.validation.verdict.reason?.code == .checksFailed)
    #expect(snapshot.validation.checks.last?.verdict.reason?.code == .sliceNotSeen)
  }
}
