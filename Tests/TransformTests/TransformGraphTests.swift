import Columns
import Dataflow
import Expressions
import Testing
import Transform

/// A formula and what is wrong with it.
struct Fault: CustomTestStringConvertible, Sendable {
  var formula: String
  var expected: String

  init(_ formula: String, _ expected: String) {
    self.formula = formula
    self.expected = expected
  }

  var testDescription: String { formula }
}

@Suite struct TransformGraphTests {
  static let schema = Schema([
    Field("fare", .float64), Field("distance", .float64), Field("company", .string),
    Field("age", .int64), Field("at", .timestamp, timestampUnit: .milliseconds),
  ])

  private func stage(_ formulas: String...) throws -> TransformStage {
    let named = formulas.enumerated().map { (name: "o\($0)", formula: $1) }
    return try TransformStage.lower(
      PreprocessingFn(formulas: named), schema: Self.schema, name: "t")
  }

  @Test func `equal analyzers exist once, and statistics of a column share moments`() throws {
    let stage = try stage(
      "scale_to_z_score(fare)", "fare - mean(fare)", "scale_to_0_1(fare)",
      "missing_count(fare) + 0",
      "scale_to_z_score(fare / distance)", "bucketize(fare, 4)", "bucketize(fare, 10)",
      "compute_and_apply_vocabulary(company, top_k=3)", "compute_and_apply_vocabulary(company)")
    #expect(
      stage.graph.analyzers.map(\.formula) == [
        "mean(fare)", "var(fare)", "min(fare)", "max(fare)", "missing_count(fare)",
        "mean(fare / distance)", "var(fare / distance)",
        "quantiles(fare, 4)", "quantiles(fare, 10)",
        "vocabulary(company, top_k=3)", "vocabulary(company)",
      ])
    // Moments of two inputs, one sketch, one vocabulary.
    #expect(stage.description.accumulators.count == 4)
    #expect(stage.description.groupings == [[]])
    #expect(stage.description.kind == .transform)
    #expect(
      stage.graph.analyzers.compactMap { $0.asset?.name }
        == ["vocabulary_company", "vocabulary_company_2"])
  }

  @Test func `outputs are row expressions over constants`() throws {
    let stage = try stage("log1p(scale_by_min_max(fare, output_max=2))", "age", "hour_of_day(at)")
    #expect(
      stage.graph.outputs.map(\.expression.formula) == [
        "log1p(apply_min_max(fare, constant('min(fare)'), constant('max(fare)'), 0.0, 2))",
        "age", "hour_of_day(at)",
      ])
    #expect(stage.graph.outputs.map(\.type) == [.float64, .int64, .int64])
    #expect(stage.graph.inputs.map(\.name) == ["fare", "age", "at"])
  }

  static let faults: [Fault] = [
    .init(
      "1 + scale_to_zscore(fare)",
      "o: column 5: unknown function 'scale_to_zscore'; did you mean 'scale_to_z_score'?"),
    .init(
      "scale_to_z_score(fair)",
      "o: column 18: there is no column 'fair'; did you mean 'fare'?"),
    .init(
      "scale_to_z_score(company)",
      "o: column 1: mean: 'x' must be a number, but company is of type string"),
    .init(
      "bucketize(scale_to_z_score(fare) * company, 3)",
      "o: column 1: multiply: 'b' must be a number, but company is of type string"),
    .init(
      "ngrams(company)",
      "o: column 1: ngrams: 'ngram_range' is missing in ngrams(tokens, ngram_range, separator)"),
    .init(
      "apply_pyfunc(fare)",
      "o: column 1: 'apply_pyfunc' is not supported: runs Python, which no server does; write a "
        + "row function or mapper in Swift"),
    .init(
      "bucketize(fare, 0)",
      "o: column 1: bucketize: 'num_buckets' must be an integer ≥ 1, not 0"),
    .init(
      "scale_to_z_score(fare, elementwise=True)",
      "o: column 1: mean: place by place, 'x' must be a list of numbers"),
    .init(
      "compute_and_apply_vocabulary(company, vocab_filename='../x')",
      "o: column 1: 'vocab_filename' may hold letters, digits, '_', '-' and '.', and not begin "
        + "with '.': '../x'"),
    .init(
      "quantiles(fare, 4)",
      "o: column 1: constant('quantiles(fare, 4)') is a parameter, "
        + "not a value of rows"),
    .init("fare +", "o: column 7: expected a value, found the end of the formula"),
    .init(
      "scale_by_min_max(fare, 1, 1)",
      "o: column 1: apply_min_max: 'output_min' must be less than 'output_max'"),
  ]

  @Test(arguments: faults) func `a fault names the output and the place`(_ fault: Fault) {
    let error = #expect(throws: TransformError.self) {
      try TransformStage.lower(
        PreprocessingFn(formulas: [(name: "o", formula: fault.formula)]), schema: Self.schema,
        name: "t")
    }
    #expect(error?.description == fault.expected)
  }

  @Test func `names must be there and differ`() {
    #expect(throws: TransformError.self) { try PreprocessingFn(formulas: []) }
    #expect(throws: TransformError.self) {
      try PreprocessingFn(formulas: [(name: "a", formula: "1"), (name: "a", formula: "2")])
    }
  }

  @Test func `the Swift front end makes the same graph`() throws {
    let built = try PreprocessingFn {
      "fare_z" => scaleToZScore("fare")
      "rate" => column("fare") / column("distance") - 1
      "bucket" => bucketize("fare", numBuckets: 4, weights: "distance")
      for name in ["company"] {
        "\(name)_id" => computeAndApplyVocabulary(column(name), topK: 10, numOOVBuckets: 2)
      }
      "scaled" => scaleByMinMax("age", outputMin: -1)
    }
    let read = try PreprocessingFn(formulas: [
      (name: "fare_z", formula: "scale_to_z_score(fare)"),
      (name: "rate", formula: "fare / distance - 1"),
      (name: "bucket", formula: "bucketize(fare, 4, weights=distance)"),
      (
        name: "company_id",
        formula: "compute_and_apply_vocabulary(company, top_k=10, num_oov_buckets=2)"
      ),
      (name: "scaled", formula: "scale_by_min_max(age, -1.0, 1.0)"),
    ])
    let one = try TransformGraph(built, schema: Self.schema)
    let two = try TransformGraph(read, schema: Self.schema)
    #expect(one.outputs.map(\.name) == two.outputs.map(\.name))
    #expect(one.outputs.map(\.expression) == two.outputs.map(\.expression))
    #expect(one.analyzers.map(\.formula) == two.analyzers.map(\.formula))
  }

  @Test func `no name stands for two functions`() {
    let names =
      RowFunctionCatalog.names + AggregateFunctionCatalog.names + MapperCatalog.all.map(\.name)
    #expect(Set(names).count == names.count)
    let listed = (AnalyzerCatalog.entries + MapperCatalog.entries).map(\.name)
    #expect(Set(listed).count == listed.count)
  }
}
