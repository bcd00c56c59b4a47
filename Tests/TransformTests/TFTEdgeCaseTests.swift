import Columns
import Expressions
import Formats
import Testing
import Transform

/// A tiny input whose outputs TFT 1.21 gave; see `edge_cases.json`.
struct EdgeCase: CustomTestStringConvertible, Sendable {
  var name: String
  var values: [String]
  /// `x` in place of the column, `key` as in the golden file.
  var formulas: [(key: String, formula: String)]

  var testDescription: String { name }
}

@Suite struct TFTEdgeCaseTests {
  static let numeric: [(key: String, formula: String)] = [
    ("z", "scale_to_z_score(x)"), ("m", "scale_to_0_1(x)"),
    ("mm", "scale_by_min_max(x, -1., 1.)"), ("b", "bucketize(x, 3)"),
  ]
  static let withoutMinMax = numeric.filter { !$0.key.hasPrefix("m") }

  static func vocabulary(_ options: String) -> [(key: String, formula: String)] {
    [("v", "compute_and_apply_vocabulary(x\(options))")]
  }

  static let cases: [EdgeCase] = [
    .init(name: "constant_column", values: ["5", "5", "5"], formulas: numeric),
    // Min–max differs by policy, see below.
    .init(name: "with_nan", values: ["1", "2", "nan", "4"], formulas: withoutMinMax),
    .init(name: "with_inf", values: ["1", "2", "inf", "4"], formulas: withoutMinMax),
    .init(name: "single_row", values: ["7"], formulas: numeric),
    .init(name: "two_point", values: ["0", "10"], formulas: numeric),
    .init(
      name: "quantile_dup", values: ["1", "1", "1", "1", "2"],
      formulas: [("b4", "bucketize(x, 4)")]),
    .init(
      name: "vocab_ties", values: ["a", "b", "c", "b", "a", "d"], formulas: vocabulary("")),
    .init(
      name: "vocab_ties_top2", values: ["a", "b", "c", "b", "a", "d", "c"],
      formulas: vocabulary(", top_k=2")),
    .init(
      name: "vocab_empty_string", values: ["", "a", "a", "b\n", "c d"], formulas: vocabulary("")),
    .init(
      name: "vocab_threshold2", values: ["a", "a", "b"],
      formulas: vocabulary(", frequency_threshold=2, num_oov_buckets=2")),
    .init(
      name: "vocab_all_filtered", values: ["a", "b"],
      formulas: vocabulary(", frequency_threshold=5")),
    .init(name: "vocab_utf8", values: ["é", "é", "日本", "zz"], formulas: vocabulary("")),
    .init(
      name: "vocab_storefreq", values: ["a b", "a b", "c"],
      formulas: vocabulary(", store_frequency=True")),
  ]

  private static func batch(_ values: [String], isText: Bool) -> RecordBatch {
    let column: Column =
      isText
      ? .string(StringColumn(values)) : .float64(Float64Column(values.map { Double($0) }))
    return RecordBatch(
      schema: Schema([Field("x", isText ? .string : .float64)]), rowCount: values.count,
      columns: [column])
  }

  @Test(arguments: cases) func `tiny inputs give what TFT gives`(_ edge: EdgeCase) throws {
    let golden = try JSONValue(parsing: Fixture.bytes("edge_cases.json"))
    let batch = Self.batch(edge.values, isText: edge.name.hasPrefix("vocab"))
    let version = try StageDrive.version(
      edge.formulas.map { (name: $0.key, formula: $0.formula) }, schema: batch.schema, [batch])
    for (output, column) in zip(version.outputs, version.apply(to: batch)) {
      for row in 0..<batch.rowCount {
        let wanted = try #require(golden[edge.name]?[row]?[output.name]?[0])
        let message = "\(edge.name) \(output.name) row \(row)"
        switch column {
        case .int64(let column): #expect(wanted.integer == column.values[row], "\(message)")
        case .float64(let column):
          let number = wanted.string.flatMap { Double($0) } ?? wanted.number ?? .nan
          let value = column.values[row]
          #expect(
            value == number || (value - number).magnitude < 1e-6 || (value.isNaN && number.isNaN),
            "\(message): \(value), not \(number)")
        default: Issue.record("\(message): unexpected type")
        }
      }
    }
  }

  @Test func `one NaN or infinity leaves min–max scaling of the rest alone`() throws {
    for odd in ["nan", "inf"] {
      let batch = Self.batch(["1", "2", odd, "4"], isText: false)
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

  @Test func `nothing at all gives the constants of TFT`() throws {
    let schema = Schema([Field("x", .float64), Field("s", .string)])
    let version = try StageDrive.version(
      [
        (name: "z", formula: "scale_to_z_score(x)"), (name: "m", formula: "scale_to_0_1(x)"),
        (name: "b", formula: "bucketize(x, 4)"),
        (name: "v", formula: "compute_and_apply_vocabulary(s, num_oov_buckets=1)"),
      ], schema: schema, [])
    let batch = RecordBatch(
      schema: schema, rowCount: 1,
      columns: [.float64(Float64Column([2.0])), .string(StringColumn(["a"]))])
    let columns = version.apply(to: batch)
    guard case .float64(let z) = columns[0], case .float64(let m) = columns[1],
      case .int64(let b) = columns[2], case .int64(let v) = columns[3]
    else {
      Issue.record("unexpected types")
      return
    }
    #expect(z.values == [2])
    #expect((m.values[0] - 0.8807970779778823).magnitude < 1e-15)
    #expect(b.values == [0])
    #expect(v.values == [1])
    let read = try TransformVersion(
      graphJSON: version.graphJSON(),
      assets: Dictionary(uniqueKeysWithValues: version.assets.map { ($0.name, $0.bytes) }))
    #expect(read.graphJSON() == version.graphJSON())
  }
}
