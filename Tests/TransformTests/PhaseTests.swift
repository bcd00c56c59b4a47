import Columns
import Dataflow
import DataflowTesting
import Expressions
import Testing
import Transform

@Suite struct PhaseTests {
  private func stage(
    _ formulas: [String], _ schema: Schema = Fixture.schema
  ) throws
    -> TransformStage
  {
    try TransformStage.lower(
      PreprocessingFn(
        formulas: formulas.enumerated().map { (name: "o\($0)", formula: $1) }),
      schema: schema, name: "t")
  }

  @Test func `an analyzer of another's constants is of the phase after`() throws {
    let stage = try stage([
      "scale_to_z_score(fare)",
      "scale_to_z_score(scale_to_0_1(scale_to_z_score(fare)))",
    ])
    let phases = Dictionary(
      uniqueKeysWithValues: stage.graph.analyzers.map { ($0.formula, $0.phase) })
    #expect(
      phases == [
        "mean(fare)": 0, "var(fare)": 0, "min(scale_to_z_score(fare))": 1,
        "max(scale_to_z_score(fare))": 1, "mean(scale_to_0_1(scale_to_z_score(fare)))": 2,
        "var(scale_to_0_1(scale_to_z_score(fare)))": 2,
      ])
    #expect(
      stage.phaseNotes.prefix(2) == [
        "analyzers   4 over the rows as they come, with 1 accumulators",
        "phases      3; exact: distinct rows of fare are kept as long as the window",
      ])
    // Moments of fare, and the rows.
    #expect(stage.description.accumulators.count == 2)
  }

  /// The second pass by hand: the constants of the first are written into the formula.
  @Test func `a later phase gives what a second pass over the rows gives`() throws {
    let batches = try Fixture.batches(of: 1000)
    let nested = try StageDrive.version(
      [(name: "o", formula: "scale_to_z_score(log(1 + scale_to_0_1(fare) * passengers))")],
      schema: Fixture.schema, batches, workers: 3)
    let first = try StageDrive.version(
      [(name: "o", formula: "scale_to_0_1(fare)")], schema: Fixture.schema, batches)
    let bounds = first.constants.compactMap {
      if case .float64(let value) = $0.value { value } else { nil as Double? }
    }
    let second = try StageDrive.version(
      [
        (
          name: "o",
          formula: "scale_to_z_score(log(1 + "
            + "apply_min_max(fare, \(bounds[0]), \(bounds[1])) * passengers))"
        )
      ], schema: Fixture.schema, batches)
    #expect(nested.apply(to: batches[0])[0].bits == second.apply(to: batches[0])[0].bits)
  }

  @Test func `quantiles of a monotone path are mapped, and equal those of a second pass`() throws {
    // Few enough rows for exact sketches: a collapsed one's keys are not mapped to the other's.
    let batches = Array(try Fixture.batches(of: 1000).prefix(8))
    let path = "exp(float32(scale_to_z_score(fare) - 0.5))"
    let pushed = "bucketize(\(path), 7, epsilon=0.001, weights=weight)"
    // The absolute value of what is positive is no path that is known to be monotone.
    let spooled = pushed.replacing(path, with: "abs(\(path))")
    #expect(try stage([pushed]).phaseNotes[1] == "phases      2; exact, in one pass")
    #expect(
      try stage([spooled]).phaseNotes[1]
        == "phases      2; exact: distinct rows of fare, weight are kept as long as the window")
    let versions = try [pushed, spooled].map {
      try StageDrive.version([(name: "o", formula: $0)], schema: Fixture.schema, batches)
    }
    let boundaries = versions.map { version in
      version.constants.compactMap {
        if case .floats(let values) = $0.value { values } else { nil as [Double]? }
      }
    }
    #expect(boundaries[0] == boundaries[1])
    #expect(boundaries[0].first?.count == 6)
  }

  @Test(arguments: ["fare", "passengers", "fare / (passengers - 2)"])
  func `extremes of a monotone path are mapped, and equal those of a second pass`(
    _ column: String
  ) throws {
    let batches = try Fixture.batches(of: 1000)
    let pushed = "scale_to_0_1(scale_to_z_score(scale_to_z_score(\(column)) - 0.25) + 3)"
    // A product by 1 changes no value, and is no path that is known to be monotone.
    let spooled = "scale_to_0_1((scale_to_z_score(scale_to_z_score(\(column)) - 0.25) + 3) * 1)"
    func columnsKept(_ formula: String) throws -> Set<String> {
      Set(try stage([formula]).phaseNotes.filter { $0.hasSuffix("mapped from the column's") })
    }
    #expect(try columnsKept(pushed).count == 2)
    #expect(try columnsKept(spooled).count == 0)
    let bits = try [pushed, spooled].map { formula in
      try StageDrive.version(
        [(name: "o", formula: formula)], schema: Fixture.schema, batches
      ).apply(to: batches[0])[0].bits
    }
    #expect(bits[0] == bits[1])
  }

  @Test func `an extreme whose path overflows is an error, not another value`() throws {
    let schema = Schema([Field("x", .float64)])
    func version(_ values: [Double]) throws -> TransformVersion {
      try StageDrive.version(
        [(name: "o", formula: "scale_to_0_1(apply_z_score(x, mean(x), 0.25))")], schema: schema,
        [
          RecordBatch(
            schema: schema, rowCount: values.count, columns: [.float64(Float64Column(values))])
        ])
    }
    let version1 = try version([1, .infinity, .nan, 3, -.infinity])
    #expect(
      version1.constants.map(\.value) == [.float64(2), .float64(-2), .float64(2)])
    let error = #expect(throws: TransformError.self) {
      try version([1.7e308, -1.7e308, 1])
    }
    #expect(error?.description.contains("not finite") == true, "\(String(describing: error))")
  }

  @Test func `what a later phase needs of rows survives every type and absence`() throws {
    let schema = Schema([
      Field("x", .float64), Field("s", .string), Field("l", .list(.string)), Field("b", .bool),
    ])
    let batch = RecordBatch(
      schema: schema, rowCount: 4,
      columns: [
        .float64(Float64Column([1, nil, .nan, 3])), .string(StringColumn(["é", nil, "", "é"])),
        .list(
          ListColumn(
            elements: .string(StringColumn(["p", nil, "q"])), offsets: [0, 2, 2, 2, 3],
            validity: Validity([true, false, true, true]))),
        .bool(
          BoolColumn([true, false, true, true], validity: Validity([true, true, false, true]))),
      ])
    // Constants of the first phase that change nothing: each row is read again as it was.
    let version = try StageDrive.version(
      [
        (name: "a", formula: "length(s) + missing_count(where(b, x * count(x) / 3, x))"),
        (name: "n", formula: "length(s) + nan_count(x * count(x))"),
        (
          name: "v",
          formula: "apply_vocabulary(s, vocabulary(where(is_missing(l) and count() > 0, 'none', "
            + "join(l, '+'))))"
        ),
      ], schema: schema, [batch])
    let values = version.constants.map(\.value)
    #expect(values.contains(.int64(2)))
    #expect(values.contains(.tokens(TokenList(["q", "p", "none"]))))
  }

  @Test func `a thousand features of one column read one state`() throws {
    let formulas = (0..<1000).map { "scale_to_z_score(fare) + \($0) + min(fare)" }
    #expect(try stage(formulas).description.accumulators.count == 1)
  }

  @Test func `each of 5,000 columns has one state and is read once`() throws {
    let names = (0..<5000).map { "c\($0)" }
    let schema = Schema(names.map { Field($0, .float64) })
    let stage = try stage(
      names.flatMap { ["scale_to_z_score(\($0))", "scale_to_0_1(\($0))"] }, schema)
    #expect(stage.description.accumulators.count == 5000)
    let program = try RowProgram(
      stage.description.accumulators.flatMap(\.inputs), schema: schema)
    #expect(program.inputColumns.count == 5000)
  }

  /// By definition: what a round adds is seen with the mean and variance of all rounds up to it.
  @Test func `lagged phases see each row once, with the constants of its version`() throws {
    let schema = Schema([Field("x", .float64), Field("y", .float64)])
    var options = TransformOptions()
    options.phases = .lagged
    let stage = try TransformStage.lower(
      PreprocessingFn(formulas: [
        (name: "o", formula: "scale_to_0_1(scale_to_z_score(x) * y)"),
        (name: "p", formula: "scale_to_z_score(scale_to_0_1(scale_to_z_score(x) * y))"),
      ]), schema: schema, name: "t", options: options)
    #expect(stage.isLagged)
    let settle = try #require(stage.description.settle)
    var random = SeededGenerator(seed: 11)
    var held: PaneContent?
    var all: [Double] = []
    var products: [Double] = []
    var scaled: [Double] = []
    var byteCounts: [Int] = []
    for round in 1...40 {
      let x = (0..<100).map { _ in Double(Int.random(in: -500...500 * round, using: &random)) / 8 }
      let y = (0..<100).map { _ in Double(Int.random(in: 1...9, using: &random)) }
      let batch = RecordBatch(
        schema: schema, rowCount: 100,
        columns: [.float64(Float64Column(x)), .float64(Float64Column(y))])
      let new = try StageDrive.pane(stage.description, schema: schema, [batch], workers: 1)
      let content = settle(try #require(PaneContent.merged([held, new])))
      held = content
      byteCounts.append(content.byteCount)
      all += x
      let mean = all.reduce(0, +) / Double(all.count)
      let variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count)
      let now = zip(x, y).map { ($0 - mean) / variance.squareRoot() * $1 }
      products += now
      let (least, most) = (products.min() ?? 0, products.max() ?? 0)
      scaled += now.map { ($0 - least) / (most - least) }
      let mean2 = scaled.reduce(0, +) / Double(scaled.count)
      let variance2 = scaled.reduce(0) { $0 + ($1 - mean2) * ($1 - mean2) } / Double(scaled.count)
      let version = try stage.freeze(content)
      let expected = [
        "mean(x)": mean, "var(x)": variance, "min(scale_to_z_score(x) * y)": least,
        "max(scale_to_z_score(x) * y)": most,
        "mean(scale_to_0_1(scale_to_z_score(x) * y))": mean2,
        "var(scale_to_0_1(scale_to_z_score(x) * y))": variance2,
      ]
      #expect(version.constants.count == expected.count)
      for constant in version.constants {
        guard case .float64(let value) = constant.value, let wanted = expected[constant.formula]
        else {
          Issue.record("\(constant.formula)")
          continue
        }
        #expect(abs(value - wanted) <= 1e-11 * max(1, abs(wanted)), "\(constant.formula), \(round)")
        #expect((constant.errorBound != nil) == constant.formula.contains("scale"))
      }
    }
    // 4,000 distinct rows have come; nothing is kept of them.
    #expect(byteCounts[39] <= byteCounts[0] + 1000, "\(byteCounts)")
    // A pane without rows changes nothing.
    let content = try #require(held)
    #expect(try stage.freeze(settle(content)).graphJSON() == stage.freeze(content).graphJSON())
  }
}
