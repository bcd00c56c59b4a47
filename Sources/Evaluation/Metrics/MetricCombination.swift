import Accumulators

/// How a value comes from its parts.
enum MetricCombination: Hashable, Sendable {
  /// There is one part.
  case one
  /// The sums of all parts, weighted, are taken together.
  case micro
  /// The weighted mean of the parts' values.
  case macro
  /// The same, each part's weight times its share of positive labels.
  case weightedMacro
  /// The mean of those of the parts' values that are numbers.
  case meanOfKnown
  /// The value of one metric of the slice minus that of another.
  case difference(Int, minus: Int)

  init(_ type: AggregationType) {
    switch type {
    case .micro: self = .micro
    case .macro: self = .macro
    case .weightedMacro: self = .weightedMacro
    }
  }
}

/// A metric of one model, with the places of what it reads.
///
/// A class, since a pane reads each once a slice, and copies of a struct of this size cost more than
/// most values.
final class ResolvedMetric: Sendable {
  let key: MetricKey
  let model: Int
  let computation: MetricComputation
  let parts: [Part]
  let combination: MetricCombination
  /// Which of the plan's query inputs it reads.
  let query: Int?
  /// Which of the plan's samples it is.
  let sample: Int?

  init(
    _ entry: MetricResolver.Resolved, parts: [Part], query: Int?, sample: Int?
  ) {
    self.sample = sample
    key = entry.key
    model = entry.model
    computation = entry.computation
    combination = entry.combination
    self.parts = parts
    self.query = query
  }

  struct Part: Sendable {
    /// Where the sums of the computation stand among the columns.
    let positions: [Int]
    /// Which of the score histograms it reads.
    let scores: Int?
    let weight: Double
    /// Where its sum of labels stands, if its weight is a share of it.
    let labels: Int?
  }

  /// Of a difference, which metric is the baseline's.
  var baseline: Int? { if case .difference(_, let other) = combination { other } else { nil } }

  /// The value over the sums `row` and the histograms `scores` of a slice; `earlier` are the values
  /// of the metrics before this one.
  func value(
    row: [Double], scores: [ScoreBins], earlier: [MetricResult]
  ) -> BoundedValue {
    switch combination {
    case .one: return value(of: parts[0], row, scores)
    case .micro: return pooled(row, scores)
    case .macro: return mean(parts.map { (value(of: $0, row, scores), $0.weight) })
    case .weightedMacro:
      let total = parts.reduce(0) { $0 + ($1.labels.map { row[$0] } ?? 0) }
      return mean(
        parts.map { part in
          let share = part.labels.map { total > 0 ? row[$0] / total : 0 } ?? 0
          return (value(of: part, row, scores), part.weight * share)
        })
    case .meanOfKnown:
      return mean(
        parts.map { (value(of: $0, row, scores), 1) }.filter { $0.0.value.number?.isNaN == false })
    case .difference(let one, let other):
      let (one, other) = (earlier[one], earlier[other])
      return BoundedValue(one.value, bound: one.bound)
        .minus(BoundedValue(other.value, bound: other.bound)) ?? .number(.nan)
    }
  }

  /// The value over the ranked queries of a slice.
  func value(of queries: [[RankedQuery]]) -> BoundedValue {
    query.map { computation.value(of: queries[$0], key.subKey) } ?? .number(.nan)
  }

  private func value(of part: Part, _ row: [Double], _ scores: [ScoreBins]) -> BoundedValue {
    computation.value(
      MetricInputs(
        row: row, positions: part.positions, scores: part.scores.map { scores[$0] }))
  }

  private func pooled(_ row: [Double], _ scores: [ScoreBins]) -> BoundedValue {
    let sums = computation.sums.indices.map { index in
      parts.reduce(0) { $0 + $1.weight * row[$1.positions[index]] }
    }
    let bins = parts.compactMap { part in part.scores.map { (scores[$0], part.weight) } }
    return computation.value(
      MetricInputs(
        row: sums, positions: Array(sums.indices),
        scores: bins.isEmpty ? nil : ScoreBins(pooling: bins)))
  }

  /// NaN where a part is no number, or all weigh 0.
  private func mean(_ values: [(BoundedValue, weight: Double)]) -> BoundedValue {
    var (sum, total, bound) = (0.0, 0.0, 0.0)
    for (value, weight) in values {
      sum += (value.value.number ?? .nan) * weight
      bound += (value.bound ?? 0) * weight
      total += weight
    }
    guard total > 0 else { return .number(.nan) }
    let isBounded = values.contains { $0.0.bound != nil }
    return BoundedValue(.number(sum / total), bound: isBounded ? bound / total : nil)
  }
}

extension ScoreBins {
  /// The bins of several histograms of one kind as one, each weighted.
  init(pooling all: [(bins: ScoreBins, weight: Double)]) {
    let entries = all.flatMap { bins, weight in
      bins.lowerBounds.indices.map { (index: $0, bins, weight) }
    }
    let sorted = entries.sorted { $0.1.lowerBounds[$0.index] < $1.1.lowerBounds[$1.index] }
    self.init()
    for (index, bins, weight) in sorted {
      if lowerBounds.last != bins.lowerBounds[index] {
        lowerBounds.append(bins.lowerBounds[index])
        upperBounds.append(bins.upperBounds[index])
        positives.append(0)
        negatives.append(0)
      }
      positives[positives.count - 1] += weight * bins.positives[index]
      negatives[negatives.count - 1] += weight * bins.negatives[index]
    }
  }
}
