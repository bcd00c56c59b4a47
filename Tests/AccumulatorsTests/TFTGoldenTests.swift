import Accumulators
import Columns
import Foundation
import Testing

/// The accumulators against TensorFlow Transform on 10,000 rows; see `Fixtures/tft/PROVENANCE`.
@Suite struct TFTGoldenTests {
  private struct Constant: Decodable {
    var values: [Value]
  }

  private enum Value: Decodable {
    case number(Double), text(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try container.decode(String.self))
      }
    }
  }

  private let fares: Column
  private let weights: Column
  private let zones: Column
  private let constants: [String: Constant]

  init() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/tft")
    let text = try String(
      contentsOf: folder.appending(path: "fare_weight_zone.txt"), encoding: .utf8)
    let rows = text.split(separator: "\n").map { $0.split(separator: " ") }
    fares = .float64(
      Float64Column(
        rows.map { Double(Float(bitPattern: UInt32($0[0], radix: 16) ?? 0)) }))
    weights = .float64(Float64Column(rows.map { Double($0[1]) ?? .nan }))
    zones = .string(StringColumn(rows.map { "zone_\($0[2])" }))
    constants = try JSONDecoder().decode(
      [String: Constant].self, from: Data(contentsOf: folder.appending(path: "constants.json")))
  }

  private func numbers(_ name: String) -> [Double] {
    (constants[name]?.values ?? []).compactMap {
      if case .number(let number) = $0 { number } else { nil }
    }
  }

  @Test func `exact quantiles are TFT's, bit for bit`() {
    var state = QuantilesAccumulator(QuantileParameters(budget: 1 << 14))
    state.add([fares])
    #expect(state.output().quantiles(count: 10) == numbers("fare_quantiles10_eps1e-4"))
  }

  @Test func `weighted quantiles are TFT's within its epsilon`() {
    var state = QuantilesAccumulator(QuantileParameters(budget: 1 << 14))
    state.add([fares, weights])
    let golden = numbers("fare_quantiles10_weighted_eps.001")
    #expect(golden.count == 9)
    for (index, value) in golden.enumerated() {
      let rank = state.output().rank(of: value).rank
      #expect(abs(rank - Double(index + 1) / 10) <= 0.001)
    }
  }

  @Test func `the default budget stays within its bound of TFT's quantiles`() {
    var state = QuantilesAccumulator(QuantileParameters(budget: 1000))
    state.add([fares])
    let sketch = state.output()
    for (value, golden) in zip(sketch.quantiles(count: 10), numbers("fare_quantiles10_eps1e-4")) {
      let distance = abs(sketch.rank(of: value).rank - sketch.rank(of: golden).rank)
      #expect(distance <= 2 * sketch.errorBound)
    }
  }

  @Test func `moments are TFT's within its float32`() {
    var state = MomentsAccumulator(MomentsParameters())
    state.add([fares])
    let moments = state.output()
    for (value, name) in [
      (moments.mean, "fare_mean"), (moments.variance, "fare_var"),
    ] {
      let golden = numbers(name).first ?? .nan
      #expect(abs(value - golden) <= 4e-6 * abs(golden), "\(name)")
    }
    #expect([moments.minimum] == numbers("fare_min"))
    #expect([moments.maximum] == numbers("fare_max"))
  }

  @Test func `counts by token are TFT's`() {
    var state = VocabularyAccumulator(VocabularyParameters())
    state.add([zones])
    let entries = state.output().entries.sorted { $0.text < $1.text }
    #expect(entries.map { Double($0.count) } == numbers("zone_count_vals"))
    #expect(state.output().entries.first?.text == "zone_00")
  }
}
