import Accumulators
import Columns
import Foundation
import Testing

@testable import Evaluation

/// How many random cases a test tries; more where `name` says so in the environment.
func caseCount(_ name: String, default count: Int) -> Int {
  ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? count
}

/// Certificates against what sorting the scores says, over random score sets.
///
/// `LIMNO_CERTIFICATE_SETS=100000` tries as many sets as the issue asks for.
@Suite struct CertificateTests {
  private typealias Row = (label: Double, score: Double, weight: Double)

  /// Peaked, tied, tiny, one-sided, extreme scores; now and then one class only, fractional labels,
  /// weights of 0.
  private static func rows(_ random: inout SeededGenerator) -> [Row] {
    let count = Int.random(in: 1...Int.random(in: 1...40, using: &random), using: &random)
    let kind = Int.random(in: 0..<7, using: &random)
    let rates: [Double] = [0, 0.05, 0.5, 0.5, 0.9, 1]
    let rate = rates.randomElement(using: &random) ?? 0.5
    let isWeighted = Bool.random(using: &random)
    let isFractional = Int.random(in: 0..<5, using: &random) == 0
    let center = Double.random(in: 0...1, using: &random)
    return (0..<count).map { _ in
      let uniform = Double.random(in: 0..<1, using: &random)
      let score: Double =
        switch kind {
        case 0: uniform
        case 1: 0.001 * uniform
        case 2: (uniform * 4).rounded() / 4
        case 3: 1 - 1e-6 * uniform
        case 4: min(1, max(0, center + 1e-5 * (uniform - 0.5)))
        case 5: exp(-40 * uniform)
        default: uniform < 0.5 ? 0.0 : 1.0
        }
      let isPositive = Double.random(in: 0..<1, using: &random) < rate
      let fraction = Double(Int.random(in: 0...4, using: &random)) / 4
      return (
        isFractional ? fraction : isPositive ? 1 : 0, score,
        isWeighted ? Double(Int.random(in: 0...6, using: &random)) / 2 : 1
      )
    }
  }

  /// Counts above each distinct score, from none to all.
  private struct Exact {
    /// The threshold that a point stands for takes all from `score` on.
    var points: [(score: Double, tp: Double, fp: Double)] = [(.infinity, 0, 0)]
    var positives: Double { points[points.count - 1].tp }
    var negatives: Double { points[points.count - 1].fp }

    init(_ rows: [Row]) {
      var (tp, fp) = (0.0, 0.0)
      for row in rows.sorted(by: { $0.score > $1.score }) {
        tp += row.weight * row.label
        fp += row.weight * (1 - row.label)
        if points.last?.score == row.score { points.removeLast() }
        points.append((row.score, tp, fp))
      }
    }

    /// Pairs won, ties counted half.
    var roc: Double {
      zip(points, points.dropFirst()).reduce(0) {
        $0 + ($1.1.fp - $1.0.fp) * ($1.0.tp + $1.1.tp) / 2
      } / (positives * negatives)
    }

    /// ∫ precision d(recall), counts linear between scores.
    var precisionRecall: Double {
      zip(points, points.dropFirst()).reduce(0) { area, pair in
        let (one, two) = pair
        let (gained, all) = (two.tp - one.tp, two.tp - one.tp + two.fp - one.fp)
        let start = one.tp + one.fp
        if gained <= 0 { return area }
        if start <= 0 { return area + gained * gained / all }
        let steady = gained * gained / all
        return area + steady + gained * (one.tp - gained * start / all) / all * log1p(all / start)
      } / positives
    }

    /// The greatest target over all thresholds that keep the promise, 0 if none does.
    func best(_ point: OperatingPoint, _ wanted: Double) -> Double {
      var best = 0.0
      for (index, (score, tp, fp)) in points.enumerated() {
        // All from `score` on are above every threshold below it: the least upper bound.
        let threshold = index == 0 ? 0 : score
        func rate(_ rate: OperatingPoint.Rate) -> Double {
          rate.value(tp, fp, positives, negatives, threshold: threshold)
        }
        let (kept, slack) = (rate(point.constraint), 1e-12)
        let holds = point.constraint == .falsePositiveRate ? kept <= wanted : kept >= wanted
        // Promises kept by a hair are rounding's to decide.
        if holds, abs(kept - wanted) > slack || kept == wanted, rate(point.target) > best {
          best = rate(point.target)
        }
      }
      return best
    }
  }

  /// The sets as cells of one histogram.
  private func bins(
    _ sets: [[Row]], _ binning: ScoreBinning, exactRows: Int = 0
  ) -> [ScoreBins] {
    var histograms = GroupedScoreHistograms(
      ScoreHistogramParameters(binning, exactRows: exactRows))
    histograms.grow(to: sets.count + 1)
    let rows = sets.flatMap { $0 }
    let cells = sets.enumerated().flatMap { index, rows in rows.map { _ in UInt32(index + 1) } }
    let columns = [rows.map(\.label), rows.map(\.score), rows.map(\.weight)]
    histograms.add(
      columns.map { .float64(Float64Column($0)) }, cells: cells, uniform: nil)
    let settled = histograms.extract((1...UInt32(sets.count)).map { $0 })
    return sets.indices.map { index in
      var bins = ScoreBins()
      settled.read(index + 1, into: &bins)
      return bins
    }
  }

  @Test(arguments: [ScoreBinning.logit(1000), .uniform(10_000), .logit(20)])
  func `the exact value lies within every certificate`(binning: ScoreBinning) {
    hold(binning)
  }

  @Test func `sets of few rows are certain to the last digits`() { hold(.logit(20), exactRows: 40) }

  @Test func `one row more than are kept puts all of them into bins`() {
    var random = SeededGenerator(seed: 3)
    let sets = (0..<200).map { _ in Self.rows(&random) }
    let found = bins(sets, .logit(20), exactRows: 10)
    let binned = bins(sets, .logit(20))
    for (rows, (found, binned)) in zip(sets, zip(found, binned)) {
      if rows.count > 10 {
        #expect(found.lowerBounds == binned.lowerBounds)
        #expect(found.positives == binned.positives)
        #expect(found.negatives == binned.negatives)
      } else {
        #expect(found.upperBounds == Set(rows.filter { $0.weight > 0 }.map(\.score)).sorted())
      }
    }
  }

  private func hold(_ binning: ScoreBinning, exactRows: Int = 0) {
    let seed: UInt64 = 20_261_123
    var random = SeededGenerator(seed: seed)
    var rest = caseCount("LIMNO_CERTIFICATE_SETS", default: 3000)
    var violations: [String] = []
    while rest > 0 {
      let sets = (0..<min(rest, 500)).map { _ in Self.rows(&random) }
      rest -= sets.count
      for (rows, found) in zip(sets, bins(sets, binning, exactRows: exactRows)) {
        let exact = Exact(rows)
        let curve = ScoreCurve(found)
        func hold(_ name: String, _ found: BoundedValue, _ value: Double) {
          guard let number = found.value.number else {
            violations.append("\(name): none")
            return
          }
          if number.isNaN && value.isNaN { return }
          if exactRows > 0, !((found.bound ?? 1) < 1e-11) { violations.append("\(name): unsure") }
          let distance = abs(number - value)
          if !(distance <= (found.bound ?? 0) + 1e-12) {
            violations.append("\(name): \(number) ± \(found.bound ?? 0), not \(value): \(rows)")
          }
        }
        hold("roc", found.areaUnderROC(.interpolation), exact.roc)
        hold("pr", curve.areaUnderPrecisionRecall(), exact.precisionRecall)
        let promises: [Double] = [0.1, 0.5, 0.8, 1]
        let wanted: Double = promises.randomElement(using: &random) ?? 1
        for point in OperatingPoint.all {
          let best = point.best(curve, wanted: wanted, .native)
          if best.value.number?.isNaN == true { continue }
          hold("\(point.name) \(wanted)", best, exact.best(point, wanted))
        }
      }
    }
    #expect(violations.isEmpty, "seed \(seed): \(violations.count), \(violations.prefix(3))")
  }
}
