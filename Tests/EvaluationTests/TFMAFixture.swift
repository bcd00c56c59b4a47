import Columns
import Foundation
import Testing

/// Rows and answers cut from the oracle's golden files; see `Tests/Fixtures/tfma/PROVENANCE`.
struct TFMAFixture {
  /// The rows, read once.
  static let rows = Result { try TFMAFixture().harness }
  private let harness: EvaluationHarness

  private init() throws {
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
      ].merging(try Self.moreColumns()) { one, _ in one }, rowCount: lines.count)
  }

  private static func moreColumns() throws -> [String: Column] {
    let lines = try Self.lines(of: "more_rows.tsv").map { $0.split(separator: "\t") }
    func floats(_ index: Int) -> Column {
      .float64(
        Float64Column(
          lines.map { UInt32($0[index], radix: 16).map { Double(Float(bitPattern: $0)) } }))
    }
    let scores = lines.flatMap { line in
      line[2..<6].map { UInt32($0, radix: 16).map { Double(Float(bitPattern: $0)) } }
    }
    return [
      "baseline_score": floats(0), "mc_label": .int64(Int64Column(lines.map { Int64($0[1]) })),
      "mc_scores": .list(
        ListColumn(
          elements: .float64(Float64Column(scores)),
          offsets: (0...lines.count).map { UInt32(4 * $0) })),
      "reg_label": floats(6), "reg_pred": floats(7),
      "query_id": .string(StringColumn(lines.map { String($0[8]) })),
      "gain": .float64(Float64Column(lines.map { Double($0[9]) })), "rank_score": floats(10),
    ]
  }

  static func lines(of name: String) throws -> [Substring] {
    try text(of: name).split(separator: "\n")
  }

  /// A fixture, or the file of that name in the folder that `LIMNO_TFMA_GOLDEN` names, cut from
  /// another data set (see PROVENANCE).
  static func text(of name: String) throws -> String {
    let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/tfma")
    let other = ProcessInfo.processInfo.environment["LIMNO_TFMA_GOLDEN"]
    let folder = other.map(URL.init(fileURLWithPath:)) ?? own
    return try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  /// An answer: the slice as `feature=value,…`, the name, what else is in the key, the numbers and
  /// the bounds of the interval.
  struct Answer {
    let slice: String
    let name: String
    let key: String
    let values: [Double]
    let interval: [Double]
  }

  static func answers(_ name: String) throws -> [Answer] {
    try lines(of: name).map { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return Answer(
        slice: parts[0], name: parts[1], key: parts[2], values: numbers(parts[3]),
        interval: parts.count > 4 ? numbers(parts[4]) : [])
    }
  }

  /// The points of the plots called `name` of one slice.
  static func plot(_ name: String, slice: String) throws -> [[Double]] {
    try lines(of: "plots.tsv").compactMap { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return parts[0] == slice && parts[1] == name ? numbers(parts[2]) : nil
    }
  }

  private static func numbers(_ text: String) -> [Double] {
    text.split(separator: " ").map { Double($0) ?? .nan }
  }
}
