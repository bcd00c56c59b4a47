import Columns
import Dataflow
import Expressions
import Formats
import Testing
import Transform

/// A tiny input whose outputs TFT 1.21 gave; see `edge_cases.json`.
struct EdgeCase: CustomTestStringConvertible, Sendable {
  var name: String
  var columns: [(name: String, column: Column)]
  /// The outputs in the golden file.
  var formulas: [(name: String, formula: String)]
  /// The exact values of an output by row, where TFT's are not near them.
  var exact: [String: [Double]] = [:]

  var testDescription: String { name }

  static func floats(
    _ name: String, _ values: [Double], _ formulas: [(name: String, formula: String)],
    exact: [String: [Double]] = [:]
  ) -> EdgeCase {
    EdgeCase(
      name: name, columns: [("x", .float64(Float64Column(values)))], formulas: formulas,
      exact: exact)
  }

  static func texts(
    _ name: String, _ values: [String], _ formulas: [(name: String, formula: String)]
  ) -> EdgeCase {
    EdgeCase(name: name, columns: [("x", .string(StringColumn(values)))], formulas: formulas)
  }

  static func lists(
    _ name: String, _ rows: [[Double]], _ formulas: [(name: String, formula: String)]
  ) -> EdgeCase {
    var offsets: [UInt32] = [0]
    for row in rows { offsets.append(offsets[offsets.count - 1] + UInt32(row.count)) }
    let list = ListColumn(
      elements: .float64(Float64Column(rows.flatMap { $0 })), offsets: offsets)
    return EdgeCase(name: name, columns: [("x", .list(list))], formulas: formulas)
  }

  static func byKey(
    _ name: String, _ rows: [(x: Double, key: String)],
    _ formulas: [(name: String, formula: String)], exact: [String: [Double]] = [:]
  ) -> EdgeCase {
    EdgeCase(
      name: name,
      columns: [
        ("x", .float64(Float64Column(rows.map(\.x)))),
        ("k", .string(StringColumn(rows.map(\.key)))),
      ], formulas: formulas, exact: exact)
  }

  var batch: RecordBatch {
    let fields = columns.map { name, column in
      switch column {
      case .string: Field(name, .string)
      case .list: Field(name, .list(.float32))
      default: Field(name, .float32)
      }
    }
    return RecordBatch(
      schema: Schema(fields), rowCount: columns[0].column.rowCount, columns: columns.map(\.column))
  }
}

@Suite struct TFTEdgeCaseTests {
  static let numeric: [(name: String, formula: String)] = [
    ("z", "scale_to_z_score(x)"), ("m", "scale_to_0_1(x)"),
    ("mm", "scale_by_min_max(x, -1., 1.)"), ("b", "bucketize(x, 3)"),
    ("g", "scale_to_gaussian(x)"),
  ]
  static let sparse: [(name: String, formula: String)] = [
    ("z", "scale_to_z_score(x)"), ("m", "scale_to_0_1(x)"), ("b", "bucketize(x, 2)"),
  ]
  static let ids = "compute_and_apply_vocabulary(split(x))"

  static func vocabulary(_ options: String) -> [(name: String, formula: String)] {
    [("v", "compute_and_apply_vocabulary(x\(options))")]
  }

  static let cases: [EdgeCase] = [
    .floats("constant_column", [5, 5, 5], numeric),
    // TFT's location here is a mean over batches that takes the one with the NaN for 0.
    .floats(
      "with_nan", [1, 2, .nan, 4], numeric,
      exact: ["g": [1, 2, .nan, 4].map { ($0 - 7.0 / 3) / (14.0 / 9).squareRoot() }]),
    .floats("with_inf", [1, 2, .infinity, 4], numeric),
    .floats("single_row", [7], numeric),
    .floats("two_point", [0, 10], numeric),
    .lists("sparse_missing", [[1], [], [3, 5]], sparse),
    .lists("sparse_all_missing", [[], []], sparse),
    .floats("quantile_dup", [1, 1, 1, 1, 2], [("b4", "bucketize(x, 4)")]),
    .texts("vocab_ties", ["a", "b", "c", "b", "a", "d"], vocabulary("")),
    .texts("vocab_ties_top2", ["a", "b", "c", "b", "a", "d", "c"], vocabulary(", top_k=2")),
    .texts("vocab_empty_string", ["", "a", "a", "b\n", "c d"], vocabulary("")),
    .texts(
      "vocab_threshold2", ["a", "a", "b"],
      vocabulary(", frequency_threshold=2, num_oov_buckets=2")),
    .texts("vocab_all_filtered", ["a", "b"], vocabulary(", frequency_threshold=5")),
    .texts("vocab_utf8", ["é", "é", "日本", "zz"], vocabulary("")),
    .texts("vocab_storefreq", ["a b", "a b", "c"], vocabulary(", store_frequency=True")),
    .byKey(
      "per_key", [(1, "a"), (3, "a"), (5, "b"), (.nan, "b"), (.nan, "c")],
      [("z", "scale_to_z_score_per_key(x, k)"), ("m", "scale_to_0_1_per_key(x, k)")]),
    // TFT's variance by key is a difference of float32 numbers near 1e12.
    .byKey(
      "per_key_catastrophic", [0, 1, 2, 3].map { (1e6 + $0, "a") },
      [("z_key", "scale_to_z_score_per_key(x, k)"), ("z", "scale_to_z_score(x)")],
      exact: ["z_key": [-1.5, -0.5, 0.5, 1.5].map { $0 / 1.25.squareRoot() }]),
    .floats(
      "apply_buckets_edges", [-.infinity, 1, 1.5, 2, 3, .infinity, .nan],
      [
        ("b", "apply_buckets(x, [1., 2., 3.])"),
        ("bi", "apply_buckets_with_interpolation(x, [1., 2., 3.])"),
      ]),
    .texts(
      "text", ["a b a", "", "a c"],
      [
        ("ng", "ngrams(split(x), [1, 2], ' ')"), ("bow", "bag_of_words(split(x), [1, 2], ' ')"),
        ("wc", "word_count(split(x))"), ("ids", ids), ("i", "tfidf_indices(\(ids), 3)"),
        ("w", "tfidf(\(ids), 3)"), ("w0", "tfidf(\(ids), 3, smooth=False)"),
      ]),
    .texts(
      "hash", ["a", "hello", "", "日本"],
      [("h", "hash_strings(x, 1000)"), ("hs", "hash_strings(x, 1000, key=[1, 2])"), ("fp", "x")]),
    .floats(
      "hist", [0.05, 0.15, 0.95, 1, 5].map { Double(Float($0)) },
      [
        ("c", "gather(histogram(x), places(to_dense(x, 10)))"),
        ("d", "estimated_probability_density(x, boundaries=4)"),
      ]),
  ]

  @Test(arguments: cases) func `tiny inputs give what TFT gives`(_ edge: EdgeCase) throws {
    let golden = try JSONValue(parsing: Fixture.bytes("edge_cases.json"))
    let version = try StageDrive.version(
      edge.formulas, schema: edge.batch.schema, [edge.batch],
      options: TransformOptions(isCompatible: true))
    for (output, column) in zip(version.outputs, version.apply(to: edge.batch)) {
      for row in 0..<edge.batch.rowCount {
        let wanted = try #require(golden[edge.name]?[row]?[output.name]?.array)
        var comparison = GoldenComparison()
        comparison.compare(
          column.texts(row),
          wanted.map { $0.string ?? $0.integer.map(String.init) ?? "\($0.number ?? .nan)" },
          exact: edge.exact[output.name].map { [$0[row]] })
        #expect(
          comparison.differing == 0 && comparison.far == 0,
          "\(edge.name) \(output.name) row \(row): \(comparison)")
      }
    }
  }

  @Test func `every golden case is tried with all its outputs`() throws {
    let golden = try JSONValue(parsing: Fixture.bytes("edge_cases.json"))
    for member in try #require(golden.object).members {
      let edge = try #require(Self.cases.first { $0.name == member.key }, "\(member.key)")
      let outputs = try #require(member.value[0]?.object).keys
      #expect(Set(outputs) == Set(edge.formulas.map(\.name)), "\(member.key)")
    }
  }

  @Test func `by default one NaN or infinity leaves min–max scaling of the rest alone`() throws {
    for odd in [Double.nan, .infinity] {
      let batch = EdgeCase.floats("", [1, 2, odd, 4], []).batch
      let version = try StageDrive.version(
        [(name: "m", formula: "scale_to_0_1(x)")], schema: batch.schema, [batch])
      guard case .float64(let column) = version.apply(to: batch)[0] else {
        Issue.record("not a float")
        return
      }
      #expect(column.values[0] == 0)
      #expect(column.values[1] == 1.0 / 3)
      #expect(column.values[3] == 1)
      #expect(!column.values[2].isFinite)
    }
  }

  @Test func `a NaN can be made an error`() throws {
    let batch = EdgeCase.floats("", [1, .nan], []).batch
    for formula in ["scale_to_0_1(x)", "x - mean(x)", "x - sum(x)"] {
      let error = #expect(throws: TransformError.self) {
        try StageDrive.version(
          [(name: "o", formula: formula)], schema: batch.schema, [batch],
          options: TransformOptions(nan: .error))
      }
      #expect(
        error?.description.contains("1 values are NaN and 0 are infinite") == true, "\(formula)")
    }
  }

  @Test func `nothing at all gives the constants of TFT`() throws {
    let schema = Schema([Field("x", .float64), Field("s", .string)])
    let version = try StageDrive.version(
      [
        (name: "z", formula: "scale_to_z_score(x)"), (name: "m", formula: "scale_to_0_1(x)"),
        (name: "b", formula: "bucketize(x, 4)"),
        (name: "v", formula: "compute_and_apply_vocabulary(s, num_oov_buckets=1)"),
        (name: "k", formula: "scale_to_z_score_per_key(x, s)"),
        (name: "p", formula: "bucketize_per_key(x, s, 3)"),
        (name: "zb", formula: "bucketize(scale_to_z_score(x), 4)"),
      ], schema: schema, [])
    let batch = RecordBatch(
      schema: schema, rowCount: 1,
      columns: [.float64(Float64Column([2.0])), .string(StringColumn(["a"]))])
    let texts = version.apply(to: batch).map { $0.texts(0)[0] }
    #expect(texts == ["2.0", "0.8807970779778823", "0", "1", "2.0", "-1", "0"])
    let read = try TransformVersion(
      graphJSON: version.graphJSON(),
      assets: Dictionary(uniqueKeysWithValues: version.assets.map { ($0.name, $0.bytes) }))
    #expect(read.graphJSON() == version.graphJSON())
  }
}
