import Columns
import Expressions
import Formats
import Testing
import Transform

/// Against TensorFlow Transform 1.21 on 10,000 rows; TFT computes in float32.
@Suite struct TFTGoldenTests {
  static let formulas: [(name: String, formula: String)] = [
    ("fare_z", "scale_to_z_score(fare)"),
    ("fare_01", "scale_to_0_1(fare)"),
    ("fare_mm", "scale_by_min_max(fare, -1.0, 1.0)"),
    ("pax_z", "scale_to_z_score(passengers)"),
    ("pax_01", "scale_to_0_1(passengers)"),
    ("fare_bucket", "bucketize(fare, 10)"),
    ("fare_bucket_eps", "bucketize(fare, 10, epsilon=1e-4)"),
    ("fare_bucket_w", "bucketize(fare, 10, weights=weight)"),
    ("miles_z", "scale_to_z_score(trip_miles)"),
    ("miles_01", "scale_to_0_1(trip_miles)"),
    ("miles_bucket", "bucketize(trip_miles, 4)"),
    ("tip_z", "scale_to_z_score(tip)"),
    ("tip_bucket", "bucketize(tip, 4)"),
    ("pay_id", "compute_and_apply_vocabulary(payment_type, vocab_filename='pay_all')"),
    (
      "zone_top10",
      "compute_and_apply_vocabulary(zone, top_k=10, num_oov_buckets=3, vocab_filename='zone_top10')"
    ),
    (
      "driver_id",
      """
      compute_and_apply_vocabulary(driver, top_k=1000, frequency_threshold=3, num_oov_buckets=5,
        vocab_filename='driver_1000')
      """
    ),
    (
      "company",
      "compute_and_apply_vocabulary(company_id, top_k=200, default_value=-1, "
        + "vocab_filename='company_200')"
    ),
    ("driver_hash", "hash_strings(driver, 1000)"),
    ("driver_shash", "hash_strings(driver, 1000, key=[123, 456])"),
    (
      "cross_hash",
      "hash_strings(concat(zone, fill_missing(payment_type, ''), separator='_X_'), 64)"
    ),
    (
      "cross_id",
      """
      compute_and_apply_vocabulary(concat(zone, fill_missing(payment_type, ''), separator='_X_'),
        top_k=50, num_oov_buckets=1, vocab_filename='cross_50')
      """
    ),
    ("word_count", "length(split(comment))"),
    (
      "tokens",
      "apply_vocabulary(split(comment), vocabulary(split(comment), top_k=100, "
        + "vocab_filename='tok_100'), num_oov_buckets=1)"
    ),
    (
      "frequency",
      "apply_vocabulary(zone, vocabulary(zone, store_frequency=True, "
        + "vocab_filename='zone_freq'))"
    ),
    (
      "weighted",
      "apply_vocabulary(zone, vocabulary(zone, store_frequency=True, "
        + "weights=weight, vocab_filename='zone_weighted'))"
    ),
  ]

  /// Quantile boundaries that TFT approximates too: a row near one may be a bucket off.
  static let approximate: Set<String> = [
    "fare_bucket", "fare_bucket_w", "miles_bucket", "tip_bucket",
  ]

  /// The version over all rows; made once, as a debug build takes seconds for it.
  private static let shared = Result { try version(batch: 1000, workers: 2) }

  private static func version(batch: Int, workers: Int) throws -> TransformVersion {
    try StageDrive.version(
      formulas, schema: Fixture.schema, Fixture.batches(of: batch), workers: workers)
  }

  @Test func `transformed rows are those of TFT`() throws {
    let version = try Self.shared.get()
    let expected = try Fixture.table("transformed.tsv")
    let evaluator = version.makeEvaluator()
    let batches = try Fixture.batches(of: 10_000)
    let columns = evaluator.evaluate(batches[0])
    for (output, column) in zip(version.outputs, columns) {
      guard let wanted = expected[output.name] else { continue }
      let differing = wanted.indices.count { !Self.isEqual(column, $0 * 10, wanted[$0]) }
      let allowed = Self.approximate.contains(output.name) ? wanted.count / 100 : 0
      #expect(wanted.count == 1000)
      #expect(differing <= allowed, "\(output.name): \(differing) rows differ")
    }
  }

  /// Whether row `row` is what `text` says; floats within float32's accuracy.
  private static func isEqual(_ column: Column, _ row: Int, _ text: String) -> Bool {
    guard column.validity.isPresent(row) else { return text.isEmpty }
    switch column {
    case .int64(let column): return text == "\(column.values[row])"
    case .float64(let column):
      let value = column.values[row]
      let wanted = Fixture.float(text)
      if value.isNaN || text == "nan" { return value.isNaN && text == "nan" }
      return (value - wanted).magnitude <= 4e-6 * max(1, wanted.magnitude)
    default: return false
    }
  }

  @Test func `vocabulary files are those of TFT`() throws {
    let version = try Self.shared.get()
    let golden = try JSONValue(parsing: Fixture.bytes("analyzers.json"))
    let assets = version.assets
    #expect(assets.count == 8)
    for (name, bytes) in assets {
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
      let wanted = golden["vocabularies"]?[name]?.array?.compactMap(\.string)
        .map { $0.replacing(".0 ", with: " ") }
      #expect(lines == wanted, "\(name)")
    }
  }

  static let constants: [FormulaConstant] = [
    .init("fare_mean", "mean(fare)"), .init("fare_var", "var(fare)"),
    .init("fare_min", "min(fare)"), .init("fare_max", "max(fare)"),
    .init("fare_sum", "sum(fare)"), .init("fare_size", "size(fare)"),
    .init("pax_mean", "mean(passengers)"), .init("pax_var", "var(passengers)"),
    .init("pax_min", "min(passengers)"), .init("pax_max", "max(passengers)"),
    .init("pax_sum", "sum(passengers)"), .init("pax_size", "size(passengers)"),
    .init("miles_sparse_mean", "mean(trip_miles)"), .init("miles_sparse_var", "var(trip_miles)"),
    .init("miles_sparse_min", "min(trip_miles)"), .init("miles_sparse_max", "max(trip_miles)"),
    .init("miles_sparse_sum", "sum(trip_miles)"), .init("miles_sparse_size", "size(trip_miles)"),
    .init("tip_nan_sparse_mean", "mean(tip)"), .init("tip_nan_sparse_var", "var(tip)"),
    .init("tip_nan_sparse_size", "size(tip)"), .init("tip_finite_mean", "mean(tip)"),
    .init("fare_quantiles10_eps1e-4", "quantiles(fare, 10, 1e-4)"),
    .init("fare_quantiles10_eps.001", "quantiles(fare, 10, epsilon=1e-4)"),
    .init("fare_quantiles10_weighted_eps.001", "quantiles(fare, 10, 1e-4, weights=weight)"),
  ]

  @Test func `analyzer constants are those of TFT`() throws {
    let golden = try JSONValue(parsing: Fixture.bytes("analyzers.json"))
    let formulas = Self.constants.enumerated().map { index, constant in
      constant.formula.hasPrefix("quantiles")
        ? (name: "c\(index)", formula: "apply_buckets(fare, \(constant.formula))")
        : (name: "c\(index)", formula: "fare - \(constant.formula)")
    }
    let version = try StageDrive.version(
      formulas, schema: Fixture.schema, Fixture.batches(of: 1024), workers: 2)
    for (output, constant) in zip(version.outputs, Self.constants) {
      let wanted = golden["constants"]?[constant.name]?.array?.compactMap(\.number) ?? []
      let found = version.constants.first { output.expression.formula.contains(quoted($0.formula)) }
      let values = found.map { numbers($0.value) } ?? []
      #expect(values.count == wanted.count && !wanted.isEmpty, "\(constant.name)")
      for (value, wanted) in zip(values, wanted) {
        // TFT sums float32 batch by batch; quantiles are observed values.
        let tolerance = constant.formula.hasPrefix("quantiles") ? 0 : 2e-6 * wanted.magnitude
        #expect((value - wanted).magnitude <= tolerance, "\(constant.name)")
      }
    }
  }

  private func quoted(_ formula: String) -> String {
    ConstantReference.expression(formula).formula
  }

  private func numbers(_ value: ConstantValue) -> [Double] {
    switch value {
    case .int64(let value): [Double(value)]
    case .float64(let value): [value]
    case .floats(let values): values
    default: []
    }
  }

  @Test func `batch size and number of workers do not change a byte`() throws {
    let one = try Self.shared.get()
    let two = try Self.version(batch: 613, workers: 3)
    #expect(one.graphJSON() == two.graphJSON())
    #expect(one.assets.map(\.bytes) == two.assets.map(\.bytes))
  }

  @Test func `a graph read back transforms rows to the same bits`() throws {
    let version = try Self.shared.get()
    let read = try TransformVersion(
      graphJSON: version.graphJSON(),
      assets: Dictionary(uniqueKeysWithValues: version.assets.map { ($0.name, $0.bytes) }))
    #expect(read.graphJSON() == version.graphJSON())
    #expect(read.assets.map(\.bytes) == version.assets.map(\.bytes))
    let batch = try Fixture.batches(of: 10_000)[0]
    for (one, two) in zip(version.apply(to: batch), read.apply(to: batch)) {
      #expect(one.bits == two.bits)
    }
  }
}

/// A constant of the golden file and the analyzer that gives it.
struct FormulaConstant: Sendable {
  var name: String
  var formula: String

  init(_ name: String, _ formula: String) {
    self.name = name
    self.formula = formula
  }
}

extension Column {
  /// Every value and absence, for comparison.
  var bits: [UInt64?] {
    switch self {
    case .float64(let column):
      (0..<rowCount).map { validity.isPresent($0) ? column.values[$0].bitPattern : nil }
    case .int64(let column):
      (0..<rowCount).map { validity.isPresent($0) ? UInt64(bitPattern: column.values[$0]) : nil }
    case .list(let column): column.offsets.map { UInt64($0) } + column.elements.bits
    default: []
    }
  }
}
