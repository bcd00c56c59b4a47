import Accumulators
import Columns
import DataflowTesting
import Testing

@Suite struct ScoreHistogramTests {
  private struct Rows {
    var labels: [Double] = []
    var predictions: [Double] = []
    var weights: [Double] = []
  }

  /// Rows whose predictions tell something about their labels.
  private static func rows(_ count: Int, seed: UInt64) -> Rows {
    var random = SeededGenerator(seed: seed)
    var rows = Rows()
    for _ in 0..<count {
      let prediction = Double.random(in: 0..<1, using: &random)
      rows.predictions.append(prediction * prediction)
      rows.labels.append(Double.random(in: 0..<1, using: &random) < prediction ? 1 : 0)
      rows.weights.append(Double(Int.random(in: 1...4, using: &random)) / 2)
    }
    return rows
  }

  private func histogram(_ rows: Rows, _ parameters: ScoreHistogramParameters) -> ScoreHistogram {
    var states = GroupedScoreHistograms(parameters)
    states.grow(to: 2)
    states.add(
      [rows.labels, rows.predictions, rows.weights].map { .float64(Float64Column($0)) },
      cells: [UInt32](repeating: 1, count: rows.labels.count), uniform: nil)
    return states.extract([1]).output(1)
  }

  /// The weighted share of pairs in which the positive scores higher, ties counted half.
  private func area(_ rows: Rows) -> Double {
    var concordant = 0.0
    var total = 0.0
    for one in rows.labels.indices where rows.labels[one] == 1 {
      for two in rows.labels.indices where rows.labels[two] == 0 {
        let weight = rows.weights[one] * rows.weights[two]
        total += weight
        if rows.predictions[one] > rows.predictions[two] { concordant += weight }
        if rows.predictions[one] == rows.predictions[two] { concordant += weight / 2 }
      }
    }
    return concordant / total
  }

  @Test(arguments: [ScoreBinning.logit(1000), .uniform(10_000), .logit(10), .uniform(7)])
  func `the area from bins is within its certificate of the area from pairs`(
    _ binning: ScoreBinning
  ) {
    let rows = Self.rows(1000, seed: 11)
    let histogram = histogram(rows, ScoreHistogramParameters(binning))
    var below = 0.0
    var concordant = 0.0
    var tied = 0.0
    for bin in histogram.bins {
      concordant += bin.positives * (below + bin.negatives / 2)
      tied += bin.positives * bin.negatives / 2
      below += bin.negatives
    }
    let pairs = histogram.totalPositives * histogram.totalNegatives
    #expect(abs(concordant / pairs - area(rows)) <= tied / pairs + 1e-12)
    #expect(histogram.totalPositives == weight(rows, label: 1))
    #expect(histogram.totalNegatives == weight(rows, label: 0))
  }

  private func weight(_ rows: Rows, label: Double) -> Double {
    zip(rows.labels, rows.weights).reduce(0) { $0 + ($1.0 == label ? $1.1 : 0) }
  }

  @Test func `an edge separates as a strict threshold does`() {
    let rows = Rows(
      labels: [1, 1, 1, 0], predictions: [0.5, 0.5.nextUp, 0.5.nextDown, 0.5],
      weights: [1, 2, 4, 8])
    let histogram = histogram(rows, ScoreHistogramParameters())
    let above = histogram.bins.filter { $0.lowerBound >= 0.5 }
    #expect(above.map(\.positives) == [2])
    #expect(above.map(\.negatives) == [0])
  }

  @Test(arguments: [ScoreBinning.logit(1000), .logit(2), .logit(33), .logit(20_000)])
  func `every prediction lies within the bounds of its bin`(_ binning: ScoreBinning) {
    var random = SeededGenerator(seed: 2)
    var predictions: [Double] = [1e-300, 1.0.nextDown, 0.5]
    for _ in 0..<300 {
      let value = Double.random(in: 0.001..<1, using: &random)
      predictions += [value, value * 1e-5, 1 - value * 1e-6]
    }
    let count = predictions.count
    var states = GroupedScoreHistograms(ScoreHistogramParameters(binning))
    states.grow(to: count + 1)
    states.add(
      [[Double](repeating: 1, count: count), predictions].map { .float64(Float64Column($0)) },
      cells: (1...UInt32(count)).map { $0 }, uniform: nil)
    let taken = states.extract((1...UInt32(count)).map { $0 })
    for (index, prediction) in predictions.enumerated() {
      let bin = taken.output(index + 1).bins[0]
      #expect(bin.lowerBound < prediction && prediction <= bin.upperBound, "\(prediction)")
    }
  }

  private func searchBin(
    _ prediction: Double, _ parameters: ScoreHistogramParameters
  ) -> ScoreHistogram.Bin {
    histogram(Rows(labels: [1], predictions: [prediction], weights: [1]), parameters).bins[0]
  }

  @Test func `uniform bins follow TFMA's bucket rule`() {
    for (prediction, bucket) in [
      (-0.1, 0), (0.0, 1), (0.00009, 1), (0.0001, 2), (0.5, 5001), (0.99999, 10_000), (1, 10_001),
      (7, 10_001),
    ] {
      let parameters = ScoreHistogramParameters(.uniform(10_000))
      #expect(searchBin(prediction, parameters).index == bucket)
    }
  }

  @Test func `a fractional label is shared and predictions are summed`() {
    let rows = Rows(labels: [0.25, 1], predictions: [0.25, 0.25], weights: [4, 1])
    let bins = histogram(rows, ScoreHistogramParameters(.uniform(10), keepsPredictions: true)).bins
    #expect(bins.map(\.positives) == [2])
    #expect(bins.map(\.negatives) == [3])
    #expect(bins.map(\.predictions) == [1.25])
  }

  @Test func `rows that cannot be used are counted`() {
    let rows = Rows(
      labels: [2, -0.5, .nan, 1, 1, 1, 1, 0], predictions: [0, 0, 0, .nan, 0.1, 0.1, 0.1, 0.1],
      weights: [1, 1, 1, 1, -1, .nan, .infinity, 0])
    let histogram = histogram(rows, ScoreHistogramParameters())
    #expect(histogram.unusableCount == 7)
    #expect(histogram.usableCount == 1)
    #expect(histogram.bins == [])
  }
}
