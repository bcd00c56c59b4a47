import Columns
import Foundation
import Testing

/// Rows and answers cut from the oracle's golden files; see `Tests/Fixtures/tfma/PROVENANCE`.
struct TFMAFixture {
  let harness: EvaluationHarness

  init() throws {
    let lines = try Self.lines(of: "rows.tsv").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false)
    }
    func texts(_ index: Int) -> [String?] {
      lines.map { $0[index].isEmpty ? nil : String($0[index]) }
    }
    harness = EvaluationHarness(
      columns: [
        "label": .int64(Int64Column(lines.map { Int64($0[0]) })),
        "score": .float64(
          Float64Column(
            lines.map { UInt32($0[1]).map { Double(Float(bitPattern: $0)) } })),
        "weight": .float64(Float64Column(lines.map { Double($0[2]) })),
        "payment_type": .string(StringColumn(texts(3))),
        "passengers": .int64(Int64Column(lines.map { Int64($0[4]) })),
        "zone": .string(StringColumn(texts(5))),
      ], rowCount: lines.count)
  }

  static func lines(of name: String) throws -> [Substring] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/tfma")
    let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    return text.split(separator: "\n")
  }

  /// An answer: the slice as `feature=value,…`, the name, the numbers.
  struct Answer {
    let slice: String
    let name: String
    let values: [Double]
  }

  static func answers(_ name: String) throws -> [Answer] {
    try lines(of: name).map { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
      return Answer(
        slice: String(parts[0]), name: String(parts[1]),
        values: parts[2].split(separator: " ").map { Double($0) ?? .nan })
    }
  }
}
