import Columns
import Dataflow
import Expressions
import Testing

@testable import Evaluation

@Suite struct ConfidenceIntervalTests {
  private func harness(
    _ values: [Double], trials: [Int64], _ random: inout SeededGenerator
  ) -> EvaluationHarness {
    EvaluationHarness(
      columns: [
        "y": .float64(Float64Column(values)), "trial": .int64(Int64Column(trials)),
        RowIdentity.columnName: .int64(
          Int64Column(values.map { _ in Int64.random(in: .min ... .max, using: &random) })),
      ], rowCount: values.count)
  }

  private func spec(_ method: IntervalMethod, slices: [SlicingSpec]) -> EvaluationSpec {
    var spec = EvaluationSpec(
      label: .column("y"), models: [ModelOutput(prediction: .column("y"))], slices: slices,
      metrics: [MetricRequest("mean_label"), MetricRequest("example_count")])
    spec.intervals = method
    return spec
  }

  /// Each trial is a slice of rows of mean 3; an interval of 95 % misses one trial of twenty.
  ///
  /// Of few trials three standard deviations are allowed beside 93 … 97 %; with
  /// `LIMNO_COVERAGE_TRIALS=4000` these are 1 %.
  @Test(arguments: [(IntervalMethod.jackknife, 400), (.bootstrap, 150)])
  func `intervals cover the truth as often as they say`(
    method: IntervalMethod, fewTrials: Int
  ) throws {
    let seed: UInt64 = 7
    let rowCount = 100
    let trialCount = caseCount("LIMNO_COVERAGE_TRIALS", default: fewTrials)
    var random = SeededGenerator(seed: seed)
    // The sum of four uniform numbers on [0, 1.5): mean 3.
    let values = (0..<trialCount * rowCount).map { _ in
      (0..<4).reduce(0) { sum, _ in sum + Double.random(in: 0..<1.5, using: &random) }
    }
    let trials = (0..<trialCount).flatMap { [Int64](repeating: Int64($0), count: rowCount) }
    let snapshot = try harness(values, trials: trials, &random).run(
      spec(method, slices: [SlicingSpec(["trial"])]))
    #expect(snapshot.slices.count == trialCount)
    var covered = 0
    for slice in snapshot.slices {
      #expect(slice.metric("example_count")?.value == .number(Double(rowCount)))
      #expect(slice.metric("example_count")?.interval == nil)
      let interval = try #require(slice.metric("mean_label")?.interval)
      covered += interval.contains(3) ? 1 : 0
    }
    let share = Double(covered) / Double(trialCount)
    let slack = trialCount < 2000 ? 3 * (0.05 * 0.95 / Double(trialCount)).squareRoot() : 0
    #expect((0.93 - slack...0.97 + slack).contains(share), "seed \(seed): \(share)")
  }

  /// 300 queries of which each has its first hit at rank 1 to 5, whatever the rows: the mean rank's
  /// interval is that of 300 draws, sigma = √2, not of the 3,000 rows.
  @Test(arguments: IntervalMethod.allCases)
  func `queries are drawn whole`(method: IntervalMethod) throws {
    var random = SeededGenerator(seed: 17)
    let ranks = (0..<300).map { _ in Int.random(in: 0..<5, using: &random) }
    let rows = ranks.enumerated().flatMap { query, rank in
      (0..<10).map { (query: "q\(query)", label: $0 == rank ? 1.0 : 0, score: 1 - Double($0) / 10) }
    }
    let harness = EvaluationHarness(
      columns: [
        "y": .float64(Float64Column(rows.map(\.label))),
        "p": .float64(Float64Column(rows.map(\.score))),
        "q": .string(StringColumn(rows.map(\.query))),
        RowIdentity.columnName: .int64(
          Int64Column(rows.map { _ in Int64.random(in: .min ... .max, using: &random) })),
      ], rowCount: rows.count)
    var spec = EvaluationSpec(
      label: .column("y"), models: [ModelOutput(prediction: .column("p"))],
      metrics: ["min_label_position", "query_statistics"].map {
        var request = MetricRequest($0)
        request.query = .column("q")
        return request
      })
    spec.intervals = method
    let slice = try harness.run(spec).slices[0]
    let mean = ranks.reduce(0) { $0 + Double($1 + 1) } / 300
    let metric = try #require(slice.metric("min_label_position"))
    #expect(abs((metric.value.number ?? 0) - mean) < 1e-12)
    let interval = try #require(metric.interval)
    #expect(abs((interval.lowerBound + interval.upperBound) / 2 - mean) < 1e-12)
    // Student's t of 19 degrees times sigma / √300; samples of 20 spread by a factor of two.
    let expected = 2 * 2.093 * (2.0 / 300).squareRoot()
    let width = interval.upperBound - interval.lowerBound
    #expect((0.55...1.6).contains(width / expected), "\(width), \(expected)")
    #expect(slice.metric("total_queries")?.interval == nil)
  }

  /// Trials of means 3 and 2: the difference is 1, and its interval that of two means of 500 draws.
  @Test(arguments: IntervalMethod.allCases)
  func `a difference of slices has the interval of a difference`(method: IntervalMethod) throws {
    var random = SeededGenerator(seed: 23)
    let trials = (0..<1000).map { Int64($0 % 2) }
    let values = trials.map { Double(3 - $0) + Double.random(in: -1...1, using: &random) }
    let harness = harness(values, trials: trials, &random)
    var spec = spec(method, slices: [.overall])
    spec.crossSlices = [
      CrossSlicingSpec(
        baseline: SlicingSpec(values: [.init("trial", "0")]),
        comparisons: [SlicingSpec(values: [.init("trial", "1")])])
    ]
    let slices = try harness.run(spec).slices
    let cross = try #require(slices.first { $0.baseline != nil })
    let mean = { (trial: Int64) in
      let chosen = values.indices.filter { trials[$0] == trial }.map { values[$0] }
      return chosen.reduce(0, +) / Double(chosen.count)
    }
    let metric = try #require(cross.metric("mean_label"))
    #expect(abs((metric.value.number ?? 0) - (mean(0) - mean(1))) < 1e-12)
    let interval = try #require(metric.interval)
    // Each mean's variance is 1/3 over 500.
    let expected = 2 * 2.093 * (2.0 / 3 / 500).squareRoot()
    let width = interval.upperBound - interval.lowerBound
    #expect((0.55...1.6).contains(width / expected), "\(width), \(expected)")
    #expect(cross.metric("example_count")?.interval == nil)
  }

  @Test func `leaving out each part in turn gives the jackknife`() throws {
    var random = SeededGenerator(seed: 3)
    let values = (0..<300).map { _ in Double.random(in: 0...1, using: &random) }
    let trials = [Int64](repeating: 0, count: values.count)
    let harness = harness(values, trials: trials, &random)
    let found = try harness.run(spec(.jackknife, slices: [.overall])).slices[0]
    // The parts, read off the row function, and the textbook formula over them.
    let schema = Schema([Field(RowIdentity.columnName, .int64)])
    let program = try RowProgram(
      [.of("jackknife_part", .column(RowIdentity.columnName), .integer(20))], schema: schema)
    let batch = RecordBatch(
      schema: schema, rowCount: values.count,
      columns: [try #require(harness.columns[RowIdentity.columnName])])
    guard case .int64(let parts) = program.makeEvaluator().evaluate(batch)[0] else {
      Issue.record("parts are integers")
      return
    }
    let mean = values.reduce(0, +) / 300
    let pseudo = (1...20).map { part in
      let kept = values.indices.filter { parts.values[$0] != part }.map { values[$0] }
      return 20 * mean - 19 * kept.reduce(0, +) / Double(kept.count)
    }
    let center = pseudo.reduce(0, +) / 20
    let spread = (pseudo.reduce(0) { $0 + ($1 - center) * ($1 - center) } / 19).squareRoot()
    let reach = 2.093024054408263 * spread / 20.0.squareRoot()
    let interval = try #require(found.metric("mean_label")?.interval)
    #expect(abs(interval.lowerBound - (mean - reach)) < 1e-12)
    #expect(abs(interval.upperBound - (mean + reach)) < 1e-12)
  }

  @Test func `a slice that is not in every sample has no interval`() throws {
    var random = SeededGenerator(seed: 5)
    let harness = harness([1.5], trials: [0], &random)
    let slice = try harness.run(spec(.jackknife, slices: [.overall])).slices[0]
    #expect(slice.metric("mean_label")?.value == .number(1.5))
    #expect(slice.metric("mean_label")?.interval == nil)
  }

  /// Both sides draw 20 samples at random: widths agree within a factor, as chi-squared of 19
  /// degrees of freedom tells (99.9 % within 0.58 … 1.5, of the quotient of two within 2.2).
  @Test(arguments: ["ci_bootstrap", "ci_jackknife"])
  func `intervals are about as wide as TFMA's`(name: String) throws {
    var random = SeededGenerator(seed: 11)
    var harness = try TFMAFixture.rows.get()
    harness.columns[RowIdentity.columnName] = .int64(
      Int64Column(
        (0..<harness.rowCount).map { _ in Int64.random(in: .min ... .max, using: &random) }
      ))
    let spec = try EvalConfig(try TFMAFixture.text(of: "\(name).pbtxt")).spec()
    #expect(spec.intervals == (name == "ci_bootstrap" ? .bootstrap : .jackknife))
    let snapshot = try harness.run(spec)
    for answer in try TFMAFixture.answers("\(name).tsv") where answer.slice.isEmpty {
      let slice = try #require(snapshot.slices.first { $0.key == .overall })
      let metric = try #require(slice.metric(answer.name))
      guard answer.interval.count == 2 else {
        #expect(metric.interval == nil, "\(answer)")
        continue
      }
      // TFMA's jackknife of this metric counts rows twice.
      if answer.name == "mean_squared_error", name == "ci_jackknife" { continue }
      let interval = try #require(metric.interval, "\(answer)")
      let width = interval.upperBound - interval.lowerBound
      let expected = answer.interval[1] - answer.interval[0]
      #expect((0.4...2.5).contains(width / expected), "\(answer): \(interval)")
      #expect(interval.overlaps(answer.interval[0]...answer.interval[1]), "\(answer): \(interval)")
    }
  }
}
