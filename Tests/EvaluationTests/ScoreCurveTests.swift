import Accumulators
import Testing

@testable import Evaluation

/// A row of a test.
private struct Row {
  var label: Double
  var score: Double
  var weight: Double
}

@Suite struct ScoreCurveTests {
  /// Pairs of a positive and a negative, ties counted half.
  private func exactROC(_ rows: [Row]) -> Double {
    var won = 0.0
    for one in rows {
      for two in rows where one.score >= two.score {
        let pair = one.weight * one.label * two.weight * (1 - two.label)
        won += one.score == two.score ? pair / 2 : pair
      }
    }
    let positives = rows.reduce(0) { $0 + $1.weight * $1.label }
    let negatives = rows.reduce(0) { $0 + $1.weight * (1 - $1.label) }
    return won / (positives * negatives)
  }

  /// ∫ precision d(recall) by the midpoint rule along the segments between distinct scores.
  private func exactPR(_ rows: [Row], steps: Int = 400) -> Double {
    let positives = rows.reduce(0) { $0 + $1.weight * $1.label }
    var tp = 0.0
    var fp = 0.0
    var area = 0.0
    for score in Set(rows.map(\.score)).sorted(by: >) {
      let tied = rows.filter { $0.score == score }
      let gained = tied.reduce(0) { $0 + $1.weight * $1.label }
      let mistaken = tied.reduce(0) { $0 + $1.weight * (1 - $1.label) }
      for step in 0..<steps where gained > 0 {
        let share = (Double(step) + 0.5) / Double(steps)
        let t = tp + share * gained
        area += t / (t + fp + share * mistaken) * gained / Double(steps)
      }
      tp += gained
      fp += mistaken
    }
    return area / positives
  }

  /// Bins `[edge, next edge)` for rows, in the shape that histograms have.
  private func bins(_ rows: [Row], width: Double) -> ScoreBins {
    var sums: [Int: (positive: Double, negative: Double)] = [:]
    for row in rows {
      let bin = Int((row.score / width).rounded(.down))
      sums[bin, default: (0, 0)].positive += row.weight * row.label
      sums[bin, default: (0, 0)].negative += row.weight * (1 - row.label)
    }
    let bins = sums.sorted { $0.key < $1.key }
    return ScoreBins(
      lowerBounds: bins.map { Double($0.key) * width },
      upperBounds: bins.map { Double($0.key + 1) * width },
      positives: bins.map(\.value.positive), negatives: bins.map(\.value.negative))
  }

  private func rows(seed: UInt64, count: Int) -> [Row] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let score = Double(Int.random(in: 0..<64, using: &random)) / 64
      let label: Double =
        switch Int.random(in: 0..<8, using: &random) {
        case 0: 0.25
        case 1: 0.5
        default: Double.random(in: 0..<1, using: &random) < score ? 1 : 0
        }
      return Row(
        label: label, score: score, weight: Double(Int.random(in: 0...4, using: &random)) / 2)
    }
  }

  @Test(arguments: [0.015625, 0.1, 0.5, 1.0])
  func `the exact areas lie within the certificates`(width: Double) throws {
    for seed in UInt64(1)...20 {
      let rows = rows(seed: seed, count: 60)
      let bins = bins(rows, width: width)
      let roc = bins.areaUnderROC(.interpolation)
      let found = try #require(roc.value.number)
      let bound = try #require(roc.bound)
      #expect(abs(found - exactROC(rows)) <= bound, "seed \(seed), width \(width)")
      let pr = ScoreCurve(bins).areaUnderPrecisionRecall()
      let area = try #require(pr.value.number)
      let margin = try #require(pr.bound)
      // The midpoint rule of the oracle is itself off by up to 1e-3 in the first segment.
      #expect(abs(area - exactPR(rows)) <= margin + 1e-3, "seed \(seed), width \(width)")
    }
  }

  @Test func `scores in bins of their own give the exact areas`() throws {
    for seed in UInt64(1)...10 {
      let rows = rows(seed: seed, count: 80)
      let bins = bins(rows, width: 1 / 64)
      let roc = try #require(bins.areaUnderROC(.interpolation).value.number)
      #expect(abs(roc - exactROC(rows)) < 1e-12, "seed \(seed)")
      let pr = try #require(ScoreCurve(bins).areaUnderPrecisionRecall().value.number)
      #expect(abs(pr - exactPR(rows, steps: 4000)) < 2e-4, "seed \(seed)")
    }
  }

  @Test func `minoring and majoring enclose the interpolated area`() throws {
    let bins = bins(rows(seed: 3, count: 200), width: 0.25)
    let low = try #require(bins.areaUnderROC(.minoring).value.number)
    let middle = try #require(bins.areaUnderROC(.interpolation).value.number)
    let high = try #require(bins.areaUnderROC(.majoring).value.number)
    #expect(low < middle && middle < high)
    #expect(abs((low + high) / 2 - middle) < 1e-12)
  }

  @Test(arguments: SummationMethod.allCases)
  func `a curve has the area of its bins`(method: SummationMethod) throws {
    for seed in UInt64(1)...10 {
      let bins = bins(rows(seed: seed, count: 60), width: 0.1)
      let found = bins.areaUnderROC(method)
      let curve = ScoreCurve(bins).areaUnderROC(method)
      let difference = try #require(found.value.number) - #require(curve.value.number)
      #expect(abs(difference) < 1e-12, "seed \(seed)")
      #expect(abs(try #require(found.bound) - #require(curve.bound)) < 1e-12, "seed \(seed)")
    }
  }

  @Test func `a single class has no ROC, and only positives have precision 1`() {
    let positives = ScoreBins(
      lowerBounds: [0.25, 0.5], upperBounds: [0.5, 1], positives: [1, 2], negatives: [0, 0])
    #expect(positives.areaUnderROC(.interpolation).value.number?.isNaN == true)
    #expect(ScoreCurve(positives).areaUnderPrecisionRecall().value == .number(1))
    #expect(ScoreBins.empty.areaUnderROC(.interpolation).value.number?.isNaN == true)
    #expect(ScoreCurve(.empty).areaUnderPrecisionRecall().value.number?.isNaN == true)
  }

  @Test func `TFMA's thresholds count what a dense table of them counts`() {
    for seed in UInt64(1)...10 {
      let bins = bins(rows(seed: seed, count: 100), width: 1 / 64)
      for count in [2, 3, 10, 200, 1000] {
        let curve = ScoreCurve(bins, thresholdCount: count)
        for index in curve.truePositives.indices {
          let threshold = curve.thresholds[index]
          // The first threshold takes every row; the others what is at least 1e-7 above them.
          let above = bins.lowerBounds.indices.filter {
            threshold < 0 || bins.lowerBounds[$0] >= threshold + 1e-7
          }
          let tp = above.reduce(0) { $0 + bins.positives[$1] }
          #expect(curve.truePositives[index] == tp, "seed \(seed), \(count) thresholds")
        }
        #expect(curve.thresholds.first == -1e-7)
        #expect(curve.thresholds.last == 1 + 1e-7)
        #expect(curve.thresholds == curve.thresholds.sorted())
      }
    }
  }

  @Test func `rows that score 1 are tied under TFMA's thresholds too`() throws {
    for seed in UInt64(1)...10 {
      let ones = [(1.0, 2.0), (1, 1), (0, 0.5)].map { Row(label: $0, score: 1, weight: $1) }
      let rows = rows(seed: seed, count: 60) + ones
      let curve = ScoreCurve(bins(rows, width: 1 / 64), thresholdCount: 10_000)
      let roc = try #require(curve.areaUnderROC(.interpolation).value.number)
      #expect(abs(roc - exactROC(rows)) < 1e-12, "seed \(seed)")
      let pr = try #require(curve.areaUnderPrecisionRecall().value.number)
      #expect(abs(pr - exactPR(rows, steps: 4000)) < 2e-4, "seed \(seed)")
    }
  }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
