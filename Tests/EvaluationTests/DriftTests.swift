import Accumulators
import Columns
import Dataflow
import EventTime
import Foundation
import Formats
import Testing

@testable import Evaluation

@Suite struct DriftTests {
  private func numbers(
    _ values: [Double?], _ name: String = "x", budget: Int = 4096
  ) -> FeatureDistribution {
    var sketch = QuantilesAccumulator(QuantileParameters(budget: budget))
    sketch.add([.float64(Float64Column(values))])
    return FeatureDistribution(name, sketch.output(), rows: Int64(values.count))
  }

  private func tokens(_ counts: [(String, Int64)], missing: Int64 = 0) -> FeatureDistribution {
    var vocabulary = VocabularyAccumulator(VocabularyParameters())
    let rows = counts.flatMap { [String?](repeating: $0.0, count: Int($0.1)) }
    vocabulary.add([.string(StringColumn(rows))])
    return FeatureDistribution("c", vocabulary.output(), rows: Int64(rows.count) + missing)
  }

  private func value(_ drift: FeatureDrift, _ name: String) -> Double {
    drift.statistics.first { $0.name == name }?.statistic.value ?? .nan
  }

  /// SciPy 1.17.1: `stats.chi2.sf`, `special.kolmogorov`.
  @Test func `tails are SciPy's`() {
    for (value, freedom, tail) in [
      (0.5, 1.0, 0.47950012218695337), (3.2, 1, 0.07363827012030266),
      (10, 3, 0.01856613546304325), (30, 10, 0.000856641210775301),
      (250, 200, 0.009379131668826098), (150, 200, 0.996647558501813),
      (0.001, 2, 0.9995001249791693), (80, 5, 8.391825114831597e-16),
    ] {
      let found = Chance.chiSquared(value, freedom: freedom)
      #expect(abs(found - tail) <= 1e-11 * max(tail, 1e-4), "\(value), \(freedom): \(found)")
    }
    for (value, tail) in [
      (0.3, 0.9999906941986655), (0.5, 0.9639452436648751), (0.8276, 0.49995841656354456),
      (1, 0.26999967167735456), (1.36, 0.049485876755377876), (2, 0.0006709252557796953),
      (3, 3.045995948942526e-08),
    ] {
      let found = Chance.kolmogorov(value)
      #expect(abs(found - tail) <= 1e-11 * tail, "\(value): \(found)")
    }
  }

  /// SciPy 1.17.1: `ks_2samp`, `wasserstein_distance`, `jensenshannon(base=2)²`,
  /// `chi2_contingency` without correction.
  @Test func `distances are SciPy's`() {
    let numeric = FeatureDrift(
      numbers([1, 2, 2, 3, 5, 8, 8.5, 9]), against: numbers([2, 2.5, 3, 3, 4, 10]))
    #expect(abs(value(numeric, "ks") - 1.0 / 3) < 1e-15)
    #expect(abs(value(numeric, "wasserstein") - 1.6041666666666665) < 1e-14)
    let drift = FeatureDrift(
      tokens([("a", 30), ("b", 50), ("c", 20)]),
      against: tokens([("b", 40), ("c", 20), ("d", 15), ("a", 25)]))
    #expect(abs(value(drift, "js") - 0.08065746491663696) < 1e-15)
    #expect(abs(value(drift, "linf") - 0.15) < 1e-15)
    #expect(abs(value(drift, "psi") - 0.5354094396687287) < 1e-14)
    #expect(abs((drift.probability ?? 0) - 0.0008680220112956015) < 1e-15)
  }

  @Test func `a side without rows tells nothing`() {
    for (one, two) in [
      (numbers([]), numbers([1])), (numbers([1]), numbers([])), (tokens([]), tokens([("a", 1)])),
    ] {
      let drift = FeatureDrift(one, against: two)
      #expect(drift.probability == nil && drift.statistics.isEmpty)
    }
    let drift = FeatureDrift(numbers([1]), against: nil)
    #expect(drift.probability == nil && !drift.isAlarm)
    // Rows there are, but none with a value on one side: that is a difference.
    let lost = FeatureDrift(
      numbers([Double?](repeating: nil, count: 50)), against: numbers((0..<50).map { Double($0) }))
    #expect((lost.probability ?? 1) < 1e-6)
    #expect(value(lost, "js") == 1)
  }

  @Test func `Benjamini and Hochberg, by hand`() {
    // Four features of p = 0.005, 0.02, 0.03, 0.8: adjusted 0.02, 0.04, 0.04, 0.8.
    let wanted = [0.005, 0.02, 0.03, 0.8]
    let one = wanted.indices.map { numbers([Double($0)], "f\($0)") }
    let spec = DriftSpec(features: [], reference: .known([]))
    var snapshot = DriftSnapshot(one, against: one, spec)
    for index in wanted.indices { snapshot.features[index].probability = wanted[index] }
    snapshot.adjust(spec)
    let adjusted = snapshot.features.compactMap(\.adjusted)
    for (found, expected) in zip(adjusted, [0.02, 0.04, 0.04, 0.8]) {
      #expect(abs(found - expected) < 1e-15)
    }
    #expect(snapshot.features.map(\.isAlarm) == [true, true, true, false])
  }

  @Test func `a line of a distribution reads back`() throws {
    var writer = JSONWriter()
    let all = [
      numbers([1, nil, .infinity, -0.5, 1]), tokens([("a\"", 3), ("ü", 1)], missing: 2),
    ]
    for distribution in all { distribution.write(to: &writer) }
    let lines = writer.bytes.split(separator: UInt8(ascii: "\n"))
    let read = try lines.compactMap { FeatureDistribution(try JSONValue(parsing: Array($0))) }
    #expect(read == all)
  }

  /// Features of all kinds, drawn from one source on both sides: the means of the distances are
  /// those expected by chance, and alarms are as rare as promised; `LIMNO_DRIFT_LOOKS=1000` looks
  /// as often as the issue asks for.
  @Test func `null data look like null data`() {
    let seed: UInt64 = 20_261_124
    var random = SeededGenerator(seed: seed)
    let looks = caseCount("LIMNO_DRIFT_LOOKS", default: 25)
    let spec = DriftSpec(features: [], reference: .known([]))
    var alarms = 0
    var sums: [String: (value: Double, byChance: Double)] = [:]
    func side(_ rows: Int) -> [FeatureDistribution] {
      let uniform = (0..<rows).map { _ in Double.random(in: 0..<1, using: &random) }
      let skewed = uniform.shuffled(using: &random).map { pow($0, 6) * 100 }
      let whole = (0..<rows).map { _ in Double(Int.random(in: 0..<5, using: &random)) }
      let gaps: [Double?] = (0..<rows).map { _ in
        let value = Double.random(in: 0..<1, using: &random)
        return value < 0.1 ? nil : value
      }
      var counts = [Int64](repeating: 0, count: 30)
      for _ in 0..<rows {
        counts[Int(pow(Double.random(in: 0..<1, using: &random), 3) * 30)] += 1
      }
      return [
        numbers(uniform, "uniform"), numbers(skewed, "skewed"), numbers(whole, "whole"),
        numbers(gaps, "gaps"), tokens(counts.enumerated().map { ("t\($0.offset)", $0.element) }),
      ]
    }
    for _ in 0..<looks {
      let snapshot = DriftSnapshot(side(300), against: side(200).map { $0 }, spec)
      alarms += snapshot.isAlarm == true ? 1 : 0
      for feature in snapshot.features {
        for (name, statistic) in feature.statistics {
          sums["\(feature.name) \(name)", default: (0, 0)].value += statistic.value
          sums["\(feature.name) \(name)", default: (0, 0)].byChance += statistic.byChance
        }
      }
    }
    // The stated rate, and three standard deviations of chance.
    let rate = spec.alarmRate * Double(looks)
    #expect(
      Double(alarms) <= rate + 3 * (rate * 0.95).squareRoot(), "seed \(seed): \(alarms) alarms")
    for (name, sum) in sums {
      let ratio = sum.value / sum.byChance
      // Ties make the distance of cumulative shares smaller than by chance without them.
      let slack = looks < 1000 ? 0.3 : 0.15
      let low = name == "whole ks" || name == "gaps ks" ? 0.6 : 1 - slack
      #expect((low...1 + slack).contains(ratio), "seed \(seed), \(name): \(ratio)")
    }
  }

  @Test func `a shift is found`() {
    let seed: UInt64 = 3
    var random = SeededGenerator(seed: seed)
    let spec = DriftSpec(features: [], reference: .known([]))
    var found = 0
    for _ in 0..<50 {
      let one = (0..<500).map { _ in Double.random(in: 0..<1, using: &random) }
      let two = (0..<500).map { _ in Double.random(in: 0.15..<1.15, using: &random) }
      let snapshot = DriftSnapshot([numbers(one)], against: [numbers(two)], spec)
      found += snapshot.isAlarm == true ? 1 : 0
    }
    #expect(found >= 48, "\(found) of 50")
  }
}
