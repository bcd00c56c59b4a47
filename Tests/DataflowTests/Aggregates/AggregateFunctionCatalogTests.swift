import Accumulators
import Columns
import Dataflow
import Expressions
import Foundation
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
    Field("at", .timestamp), Field("words", .list(.string)), Field("v", .list(.float64)),
    Field("ids", .list(.int64)), Field("label", .int64),
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
      // [1, 2], [3, 6], [2], [NaN, 1], missing, [5, 10]
      .list(
        ListColumn(
          elements: .float64(Float64Column([1, 2, 3, 6, 2, .nan, 1, 5, 10])),
          offsets: [0, 2, 4, 5, 7, 7, 9],
          validity: Validity([true, true, true, true, false, true]))),
      // [1, 1, 4], [], [0], [1], [], [7]
      .list(
        ListColumn(
          elements: .int64(Int64Column([1, 1, 4, 0, 1, 7])), offsets: [0, 3, 3, 4, 5, 5, 6])),
      .int64(Int64Column([1, 0, 1, 0, 1, 0])),
    ])

  private static func table(_ keys: [String], _ values: [Double]) -> AggregateValue {
    .table(
      KeyedTable(keys: TokenList(keys), width: values.count / keys.count, values: values))
  }

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
    .init("mean(v)", "mean", .float64(30.0 / 8)),
    .init("mean(v, reduce_instance_dims=False)", "mean", .floats([11.0 / 4, 19.0 / 4])),
    .init("min(x, nan='propagate')", "min", .float64(.nan)),
    .init("max(where(is_nan(x), 0, x), nan='propagate')", "max", .float64(.infinity)),
    .init("sum(v)", "sum", .float64(30)),
    .init("size(v, reduce_instance_dims=False)", "size", .floats([5, 4])),
    .init("quantiles(v, 2)", "quantiles", .floats([3])),
    .init(
      "quantiles(v, 2, reduce_instance_dims=False)", "quantiles", table(["0", "1"], [3, 6])),
    .init(
      "approximate_vocabulary(words, 1)", "approximate_vocabulary",
      .vocabulary([.init(token: [0x70], count: 3, weight: 3)])),
    .init(
      "vocabulary(s, reserved_tokens=['b', 'c'])", "vocabulary",
      .vocabulary([
        .init(token: [0x62], count: -1, weight: -1), .init(token: [0x63], count: -1, weight: -1),
        .init(token: [0x61], count: 1, weight: 1),
      ])),
    .init(
      "vocabulary(s, file_format='tfrecord_gzip', top_k=2, weights=w)", "vocabulary",
      .vocabulary([
        .init(token: [0x61], count: 1, weight: 5), .init(token: [0x62], count: 2, weight: 1.5),
      ])),
    .init("count_per_key(i)", "count_per_key", table(["-3", "10", "3", "7"], [1, 1, 2, 1])),
    .init(
      "mean_and_var_per_key(i, label)", "mean_and_var_per_key",
      table(["0", "1"], [2, 25, 16.0 / 3, 98.0 / 9])),
    .init(
      "min_and_max_per_key(x, s)", "min_and_max_per_key",
      table(["", "a", "a\n", "b"], [0, 0, 4, 4, 0, 0, 1, 1])),
    .init(
      "min_and_max_per_key(x, s, nan='propagate')", "min_and_max_per_key",
      table(["", "a", "a\n", "b"], [0, 0, 4, 4, .infinity, .infinity, 1, 1])),
    .init(
      "quantiles_per_key(i, label, 2)", "quantiles_per_key", table(["0", "1"], [7, 3])),
    // Lowered by 0.0001: of 3, −3, 10, 3, 7 two are above 3 − 0.0001 and at most 7 − 0.0001.
    .init("histogram(i, [-3, 3, 7, 10])", "histogram", .floats([1, 2, 2])),
    .init("histogram(i, 3)", "histogram", .floats([3, 2])),
    // From the least to the greatest finite value; ∞ is in the last bin.
    .init(
      "histogram_boundaries(x, 3)", "histogram_boundaries", .floats([0, 2, 4].map { $0 - 0.0001 })),
    .init("histogram(x, 3)", "histogram", .floats([2, 2])),
    .init(
      "histogram_boundaries(i, 3)", "histogram_boundaries",
      .floats([-3, 3.5, 10].map { $0 - 0.0001 })),
    .init(
      "histogram_edges(i, 3)", "histogram_edges", .floats([(3.5 - 0.0001).nextUp])),
    .init(
      "probability_density(i, 3)", "probability_density",
      .floats([3, 2].map { $0 / 5.0 / ((10 - 0.0001 - (-3 - 0.0001)) / 2) })),
    .init(
      "probability_density(label, categorical=True)", "probability_density",
      table(["0", "1"], [0.5, 0.5])),
    // With tails thinner than a normal one's: its mean, and √π times half the mean difference of
    // two of three zeros and three ones.
    .init("tukey_location(label)", "tukey_location", .float64(0.5)),
    .init("tukey_scale(label)", "tukey_scale", .float64(0.5 * 9 / 15 * Double.pi.squareRoot())),
    .init("tukey_h_params(label)", "tukey_h_params", .floats([0, 0])),
    .init("covariance(v)", "covariance", .floats([8.0 / 3, 16.0 / 3, 16.0 / 3, 32.0 / 3])),
    .init(
      "document_frequencies(ids, 5)", "document_frequencies", .floats([1, 2, 1, 0, 1])),
    .init(
      "inverse_document_frequencies(ids, 5, add_baseline=False)", "inverse_document_frequencies",
      .floats([2, 3, 2, 1, 2].map { log(7.0 / $0) })),
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
    #expect(Self.isNear(reading.value, aggregate.expected), "\(reading.value)")
    #expect(reading.errorBound == nil)
  }

  /// Whether both are the same but for the last bits of floats.
  private static func isNear(_ one: AggregateValue, _ two: AggregateValue) -> Bool {
    func isNear(_ one: Double, _ two: Double) -> Bool {
      one == two || (one.isNaN && two.isNaN) || (one - two).magnitude <= 4 * two.ulp
    }
    switch (one, two) {
    case (.float64(let one), .float64(let two)): return isNear(one, two)
    case (.floats(let one), .floats(let two)):
      return one.count == two.count && zip(one, two).allSatisfy(isNear)
    case (.table(let one), .table(let two)):
      return one.keys == two.keys && one.values.count == two.values.count
        && zip(one.values, two.values).allSatisfy(isNear)
    default: return one == two
    }
  }

  /// By the definition: the direction has length 1, and the variance along it is the greatest.
  @Test func `the first direction of pca is that of the greatest variance`() throws {
    guard case .floats(let matrix) = try read("pca(v, 1)", [Self.batch]).value else {
      Issue.record("no matrix")
      return
    }
    // All of v lies on one line through (1, 2).
    #expect((matrix[1] - 2 * matrix[0]).magnitude < 1e-15)
    #expect((matrix[0] * matrix[0] + matrix[1] * matrix[1] - 1).magnitude < 1e-15)
  }

  @Test func `every function of the catalogue has a case`() {
    let tested = Set(Self.cases.map(\.function)).union(["pca"])
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
    (
      "mean(x, true, i)",
      "mean: more positional arguments than mean(x, reduce_instance_dims=true, *, nan=None) takes"
    ),
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
