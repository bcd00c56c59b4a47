import Columns
import Transform

/// A preprocessing function written in Swift, analyzed over two batches and applied to a third.
@main
enum TransformExample {
  static func main() throws {
    let schema = Schema([
      Field("fare", .float64), Field("tip", .float64), Field("company", .string),
    ])

    // The names are those of TensorFlow Transform; a formula in a job file makes the same graph.
    let preprocessing = try PreprocessingFn {
      "fare_z" => scaleToZScore("fare")
      "tip_share" => "tip" / "fare"
      "fare_bucket" => bucketize("fare", numBuckets: 4)
      "company_id" => computeAndApplyVocabulary("company", topK: 2, numOOVBuckets: 1)
    }

    // One pass: means, variances, quantiles and counts, exact in whatever order the batches come.
    var analysis = try LocalAnalysis(preprocessing, schema: schema, name: "rides")
    analysis.add(
      batch(
        schema, fares: [8, 12, 20, nil], tips: [1, 3, 4, 0],
        companies: ["red", "blue", "red", "green"]))
    analysis.add(
      batch(schema, fares: [16, 4, 24], tips: [2, 1, 6], companies: ["blue", "red", "red"]))
    let version = try analysis.finish()

    // Training and serving apply the frozen version; it can be written, read back, and sent along.
    let restored = try TransformVersion(
      graphJSON: version.graphJSON(),
      assets: Dictionary(uniqueKeysWithValues: version.assets.map { ($0.name, $0.bytes) }))
    let rows = batch(
      schema, fares: [14, 40, nil], tips: [7, 0, 1], companies: ["red", "blue", "violet"])
    let columns = restored.apply(to: rows)

    print(version.outputSchema.fields.map(\.name).joined(separator: "\t"))
    for row in 0..<rows.rowCount {
      print(columns.map { text($0, row) }.joined(separator: "\t"))
    }
    for (name, bytes) in version.assets {
      let tokens = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      print("\(name): \(tokens.joined(separator: ", "))")
    }
  }

  static func batch(
    _ schema: Schema, fares: [Double?], tips: [Double?], companies: [String?]
  ) -> RecordBatch {
    RecordBatch(
      schema: schema, rowCount: fares.count,
      columns: [
        .float64(Float64Column(fares)), .float64(Float64Column(tips)),
        .string(StringColumn(companies)),
      ])
  }

  static func text(_ column: Column, _ row: Int) -> String {
    guard column.validity.isPresent(row) else { return "missing" }
    switch column {
    case .float64(let column): return "\(column.values[row])"
    case .int64(let column): return "\(column.values[row])"
    case .bool(let column): return "\(column.values[row])"
    case .string(let column): return column.dictionary.string(column.ids[row])
    case .plain, .list: return "…"
    }
  }
}
