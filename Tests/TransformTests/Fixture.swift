import Columns
import Foundation

/// Reads the TFT fixtures, see their PROVENANCE.
enum Fixture {
  /// A file beside this one's target; the files about rows can be those of another data set, in the
  /// folder that `LIMNO_TFT_GOLDEN` names (see PROVENANCE).
  static func bytes(_ name: String) throws -> [UInt8] {
    let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/tft")
    let other = name == "edge_cases.json" ? nil : otherFolder.map(URL.init(fileURLWithPath:))
    return Array(try Data(contentsOf: (other ?? own).appendingPathComponent(name)))
  }

  private static let otherFolder = ProcessInfo.processInfo.environment["LIMNO_TFT_GOLDEN"]

  /// The columns of a tab-separated file, by name, in rows.
  static func table(_ name: String) throws -> [String: [String]] {
    let lines = String(decoding: try bytes(name), as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    var table: [String: [String]] = [:]
    for (index, column) in lines[0].enumerated() {
      table[column] = lines.dropFirst().map { $0[index] }
    }
    return table
  }

  /// The value of a float32 written in its shortest form; NaN where empty.
  static func float(_ text: String) -> Double { Float(text).map(Double.init) ?? .nan }

  static let schema = Schema(
    ["fare", "tip", "trip_miles", "temperature", "weight"].map { Field($0, .float32) }
      + [Field("passengers", .int64), Field("company_id", .int64), Field("label", .int64)]
      + ["payment_type", "zone", "driver"].map { Field($0, .string) }
      + [Field("comment", .string, encoding: .plain)])

  private static let rows = Result { try table("rows10k.tsv") }

  /// The rows as one batch.
  static func batch() throws -> RecordBatch { try batches(of: rows.get()["fare"]?.count ?? 0)[0] }

  /// The rows in batches of `rowCount`; strings share dictionaries across batches.
  static func batches(of rowCount: Int) throws -> [RecordBatch] {
    let table = try rows.get()
    let dictionaries = schema.fields.map { _ in StringDictionary() }
    let total = table["fare"]?.count ?? 0
    return stride(from: 0, to: total, by: rowCount).map { start in
      let rows = start..<min(start + rowCount, total)
      let columns = zip(schema.fields, dictionaries).map { field, dictionary in
        column(field, (table[field.name] ?? [])[rows], dictionary)
      }
      return RecordBatch(schema: schema, rowCount: rows.count, columns: columns)
    }
  }

  private static func column(
    _ field: Field, _ texts: ArraySlice<String>, _ dictionary: StringDictionary
  ) -> Column {
    switch (field.type, field.encoding) {
    case (.float32, _):
      return .float64(Float64Column(texts.map { $0.isEmpty ? nil : float($0) }))
    case (.int64, _): return .int64(Int64Column(texts.map { Int64($0) }))
    case (_, .plain):
      var bytes: [UInt8] = []
      var offsets: [UInt32] = [0]
      for text in texts {
        bytes += Array(text.utf8)
        offsets.append(UInt32(bytes.count))
      }
      return .plain(PlainStringColumn(bytes: bytes, offsets: offsets))
    default:
      return .string(
        StringColumn(texts.map { $0 == "-" ? nil : $0 }, dictionary: dictionary))
    }
  }
}
