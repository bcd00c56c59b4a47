import Accumulators
import Columns
import Dataflow
import Expressions
import Testing

/// A call over the sample rows and its value.
struct AggregateCase: CustomTestStringConvertible, Sendable {
  var call: String
  var function: String
  var expected: AggregateValue

  init(_ call: String, _ function: String, _ expected: AggregateValue) {
    self.call = call
    self.function = function
    self.expected = expected
  }

  var testDescription: String { call }
}

@Suite struct AggregateFunctionCatalogTests {
  static let schema = Schema([
    Field("x", .float64), Field("i", .int64), Field("s", .string), Field("w", .float64),
    Field("at", .timestamp), Field("words", .list(.string)),
  ])

  static let batch = RecordBatch(
    schema: schema, rowCount: 6,
    columns: [
      .float64(Float64Column([1, 4, nil, .nan, 0, .infinity])),
      .int64(Int64Column([3, -3, 10, nil, 3, 7])),
      .string(StringColumn(["b", "a", "b", nil, "", "a\n"])),
      .float64(Float64Column([1, 5, 0.5, 1, 1, 1])),
      .int64(Int64Column([30, 10, 20, 40, 50, nil])),
      .list(
        ListColumn(
          elements: .string(StringColumn(["p", "q", "p", "p"])), offsets: [0, 2, 2, 3, 3, 3, 4])),
    ])

  static let cases: [AggregateCase] = [
    .init("count()", "count", .int64(6)),
    .init("count(x)", "count", .int64(5)),
    .init("count(words)", "count", .int64(6)),
    .init("size(s)", "size", .int64(5)),
    .init("size(words)", "size", .int64(4)),
    .init("sum(i)", "sum", .int64(20)),
    .init("sum(w * 2)", "sum", .float64(19)),
    .init("sum(x)", "sum", .float64(.infinity)),
    .init("sum(i > 3)", "sum", .int64(2)),
    .init("mean(x)", "mean", .float64(5.0 / 3)),
    .init("mean(i)", "mean", .float64(4)),
    .init("var(i)", "var", .float64((1.0 + 49 + 36 + 1 + 9) / 5)),
    .init("min(x)", "min", .float64(0)),
    .init("min(i)", "min", .int64(-3)),
    .init("min(at)", "min", .int64(10)),
    .init("max(x)", "max", .float64(4)),
    .init("max(i + 0.5)", "max", .float64(10.5)),
    .init("missing_count(x)", "missing_count", .int64(1)),
    .init("missing_count(s)", "missing_count", .int64(1)),
    .init("nan_count(x)", "nan_count", .int64(1)),
    .init("zero_count(x)", "zero_count", .int64(1)),
    .init("quantiles(i, 2)", "quantiles", .floats([3])),
    .init("quantiles(i, 2, weights=w)", "quantiles", .floats([-3])),
    .init("quantile(i, 1)", "quantile", .float64(10)),
    .init("quantile(i, q=0)", "quantile", .float64(-3)),
    .init(
      "vocabulary(s)", "vocabulary",
      .vocabulary([
        .init(token: [0x62], count: 2, weight: 2), .init(token: [0x61], count: 1, weight: 1),
      ])),
    .init(
      "vocabulary(s, weights=w)", "vocabulary",
      .vocabulary([
        .init(token: [0x61], count: 1, weight: 5), .init(token: [0x62], count: 2, weight: 1.5),
      ])),
    .init(
      "vocabulary(words, top_k=1)", "vocabulary",
      .vocabulary([.init(token: [0x70], count: 3, weight: 3)])),
    .init(
      "vocabulary(i, frequency_threshold=2)", "vocabulary",
      .vocabulary([.init(token: [0x33], count: 2, weight: 2)])),
    .init("distinct_count(s)", "distinct_count", .int64(4)),
    .init("distinct_count(i)", "distinct_count", .int64(4)),
  ]

  /// The reading of `call` over `batches`, all in one cell.
  private func read(_ call: String, _ batches: [RecordBatch]) throws -> AggregateReading {
    let resolved = try AggregateFunctionCatalog.resolve(
      Expression(formula: call), schema: Self.schema)
    var states = resolved.use.plan.makeStates()
    states.grow(to: 3)
    let evaluator = try RowProgram(resolved.use.inputs, schema: Self.schema).makeEvaluator()
    for batch in batches {
      let cells = [UInt32](repeating: 2, count: batch.rowCount)
      states.add(evaluator.evaluate(batch), cells: cells, uniform: nil)
    }
    let extracted: any GroupedAccumulator = states.extract([2])
    let cells = GroupedStates(keys: KeyTable(sorted: [[]]), states: [extracted])
    return resolved.read(cells, accumulator: 0, cell: 1)
  }

  @Test(arguments: cases) func `an aggregate has the stated value`(
    _ aggregate: AggregateCase
  ) throws {
    let reading = try read(aggregate.call, [Self.batch])
    #expect(reading.value == aggregate.expected)
    #expect(reading.errorBound == nil)
  }

  @Test func `every function of the catalogue has a case`() {
    let tested = Set(Self.cases.map(\.function))
    #expect(AggregateFunctionCatalog.names.filter { !tested.contains($0) } == [])
  }

  @Test func `nothing at all is missing, but counts and sums are 0`() throws {
    for function in ["mean", "var", "min", "max"] {
      #expect(try read("\(function)(x)", []).value == .missing)
    }
    #expect(try read("quantiles(x, 4)", []).value == .missing)
    #expect(try read("quantile(x, 0.5)", []).value == .missing)
    #expect(try read("sum(x)", []).value == .float64(0))
    #expect(try read("count()", []).value == .int64(0))
    #expect(try read("vocabulary(s)", []).value == .vocabulary([]))
  }

  @Test func `statistics of one input share one accumulator`() throws {
    let names = ["mean", "var", "min", "max", "missing_count", "nan_count", "zero_count"]
    let uses = try names.map {
      try AggregateFunctionCatalog.resolve(
        Expression(formula: "\($0)(x)"), schema: Self.schema
      ).use
    }
    #expect(Set(uses).count == 1)
  }

  @Test func `an approximation says how far it may be off`() throws {
    let values = (0..<20_000).map { Double($0) * 1.000001 }
    let batch = RecordBatch(
      schema: Schema([Field("x", .float64)]), rowCount: values.count,
      columns: [.float64(Float64Column(values))])
    let reading = try read("quantiles(x, 4)", [batch])
    guard case .floats(let boundaries) = reading.value else {
      Issue.record("\(reading.value)")
      return
    }
    let bound = try #require(reading.errorBound)
    #expect(bound.hasPrefix("rank error ≤ "))
    let allowed = try #require(Double(bound.dropFirst("rank error ≤ ".count)))
    #expect(allowed > 0 && allowed < 0.01)
    for (index, boundary) in boundaries.enumerated() {
      let rank = Double(values.count { $0 <= boundary }) / 20_000
      #expect((rank - Double(index + 1) / 4).magnitude <= allowed + 1 / 20_000)
    }
    let distinct = try read("distinct_count(x)", [batch])
    #expect(distinct.errorBound?.hasPrefix("relative standard error") == true)
  }

  static let faults: [(call: String, message: String)] = [
    ("median(x)", "'median' is not an aggregate; did you mean 'mean'?"),
    ("x + 1", "'add' is not an aggregate"),
    ("x", "x is not a call of an aggregate"),
    ("mean(s)", "mean: 'x' must be a number, but s is of type string"),
    ("mean(x, i)", "mean: more positional arguments than mean(x) takes"),
    ("sum(mean(x) - x)", "mean(x) inside sum(…) needs two phases; not supported yet"),
    ("quantile(x, 2)", "quantile: 'q' must be in 0…1, not 2.0"),
    ("quantiles(x, i)", "quantiles: 'num_buckets' must be an integer ≥ 1, not i"),
    (
      "vocabulary(x)",
      "vocabulary: 'x' must be strings or integers, or lists of them, not float"
    ),
    ("max(y)", "there is no column 'y'"),
  ]

  @Test(arguments: faults) func `a wrong call says what is wrong`(
    _ call: String, _ message: String
  ) throws {
    let expression = try Expression(formula: call)
    let error = #expect(throws: ExpressionError.self) {
      try AggregateFunctionCatalog.resolve(expression, schema: Self.schema)
    }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }
}
