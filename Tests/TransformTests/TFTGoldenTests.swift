import ByteCoding
import Columns
import Expressions
import Formats
import Foundation
import Testing
import Transform

/// Against TensorFlow Transform 1.21 on 10,000 rows or another data set; TFT computes in float32.
@Suite struct TFTGoldenTests {
  /// The version over all rows; made once, as a debug build takes seconds for it.
  private static let shared = Result { try version(batch: 1000, workers: 2) }

  private static func version(batch: Int, workers: Int) throws -> TransformVersion {
    try StageDrive.version(
      TFTGoldenFunction.all, schema: Fixture.schema, Fixture.batches(of: batch), workers: workers,
      options: TransformOptions(isCompatible: true))
  }

  @Test func `the benchmark's formulas are those of the golden function`() throws {
    let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let json = try JSONValue(
      parsing: Array(
        Data(contentsOf: top.appendingPathComponent("ops/benchmarks/golden.json"))))
    let wanted = TFTGoldenFunction.all.filter { !$0.name.hasPrefix("const ") }
    #expect(wanted.count == 57)
    for (name, formula) in wanted { #expect(json[name]?.string == formula) }
  }

  @Test func `transformed rows are those of TFT`() throws {
    let version = try Self.shared.get()
    let expected = try Fixture.table("transformed.tsv")
    let rows = try #require(expected["row_id"]).compactMap { Int($0) }
    #expect(rows.count >= 1000)
    let batch = try Fixture.batch()
    let columns = version.apply(to: batch)
    let exact = try ExactValues(batch)
    var compared: Set<String> = ["row_id"]
    for (output, column) in zip(version.outputs, columns) {
      guard let wanted = expected[output.name] else { continue }
      compared.insert(output.name)
      var comparison = GoldenComparison()
      for (row, wanted) in zip(rows, wanted) {
        comparison.compare(
          column.texts(row), wanted.split(separator: ",").map(String.init),
          exact: exact.output(output.name, row))
      }
      #expect(comparison.differing == 0 && comparison.far == 0, "\(output.name): \(comparison)")
    }
    #expect(compared == Set(expected.keys), "every output of the golden function is compared")
  }

  @Test func `vocabulary files are those of TFT`() throws {
    let version = try Self.shared.get()
    let golden = try JSONValue(parsing: Fixture.bytes("analyzers.json"))
    let exact = try JSONValue(parsing: Fixture.bytes("exact.json"))
    for (name, bytes) in version.assets where name != "driver_approx" {
      let lines =
        name.hasSuffix(".tfrecord.gz")
        ? try records(bytes)
        : String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
      let wanted = golden["vocabularies"]?[name]?.array?.compactMap(\.string) ?? []
      #expect(lines.count == wanted.count, "\(name)")
      var comparison = GoldenComparison()
      for (line, wanted) in zip(lines.map(VocabularyLine.init), wanted.map(VocabularyLine.init)) {
        comparison.compare([line.token], [wanted.token])
        comparison.compare(
          [line.frequency], [wanted.frequency],
          exact: (exact["information"]?[name]?[line.token]?.number).map { [$0] })
      }
      #expect(comparison.differing == 0 && comparison.far == 0, "\(name): \(comparison)")
    }
  }

  /// The data of the records of a gzip file.
  private func records(_ file: [UInt8]) throws -> [String] {
    var reader = ByteReader(try StoredGzip.decompress(file))
    var records: [String] = []
    while !reader.isAtEnd {
      let count = try reader.readLittleEndian(UInt64.self)
      _ = try reader.read(count: 4)
      records.append(String(decoding: try reader.read(count: Int(count)), as: UTF8.self))
      _ = try reader.read(count: 4)
    }
    return records
  }

  @Test func `analyzer constants are those of TFT`() throws {
    let golden = try JSONValue(parsing: Fixture.bytes("analyzers.json"))
    let version = try Self.shared.get()
    let exact = try ExactValues(Fixture.batch())
    for constant in TFTGoldenFunction.constants {
      let wanted = golden["constants"]?[constant.name]?.array ?? []
      let output = try #require(version.outputs.first { $0.name == "const " + constant.name })
      let found = version.constants.first {
        constant.formula.hasPrefix(String($0.formula.prefix { $0 != "(" }) + "(")
          && output.expression.formula.contains(quoted($0.formula))
      }
      var comparison = GoldenComparison()
      comparison.compare(
        found.map { constant.texts($0.value) } ?? [],
        wanted.map { $0.string ?? $0.integer.map(String.init) ?? "\($0.number ?? .nan)" },
        exact: exact.constants(constant.name))
      #expect(
        !wanted.isEmpty && comparison.differing == 0 && comparison.far == 0,
        "\(constant.name): \(comparison)")
    }
  }

  private func quoted(_ formula: String) -> String {
    ConstantReference.expression(formula).formula
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
    let batch = try Fixture.batch()
    for (one, two) in zip(version.apply(to: batch), read.apply(to: batch)) {
      #expect(one.bits == two.bits)
    }
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
