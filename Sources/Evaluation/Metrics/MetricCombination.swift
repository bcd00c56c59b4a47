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

  /// What it reads of a slice, and what that weighs.
  struct Part: Sendable {
    let sources: MetricSources
    let weight: Double
    /// Where its sum of labels stands, if its weight is a share of it.
    let labels: Int?
  }

  /// Of a difference, which metric is the baseline's.
  var baseline: Int? { if case .difference(_, let other) = combination { other } else { nil } }

  /// The value over a slice; `earlier` are the values of the metrics before this one.
  func value(_ slice: SliceValues, earlier: [MetricResult]) -> BoundedValue {
    switch combination {
    case .one: return value(of: parts[0], slice)
    case .micro: return pooled(slice)
    case .macro: return mean(parts.map { (value(of: $0, slice), $0.weight) })
    case .weightedMacro:
      let total = parts.reduce(0) { $0 + ($1.labels.map { slice.row[$0] } ?? 0) }
      return mean(
        parts.map { part in
          let share = part.labels.map { total > 0 ? slice.row[$0] / total : 0 } ?? 0
          return (value(of: part, slice), part.weight * share)
        })
    case .meanOfKnown:
      return mean(
        parts.map { (value(of: $0, slice), 1) }.filter { $0.0.value.number?.isNaN == false })
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

  private func value(of part: Part, _ slice: SliceValues) -> BoundedValue {
    computation.value(MetricInputs(slice, part.sources))
  }

  private func pooled(_ slice: SliceValues) -> BoundedValue {
    let inputs = parts.map { (MetricInputs(slice, $0.sources), $0.weight) }
    let sums = computation.sums.indices.map { index in
      inputs.reduce(0) { $0 + $1.1 * $1.0[index] }
    }
    let bins = inputs.compactMap { input, weight in input.scores.map { ($0, weight) } }
    return computation.value(
      MetricInputs(sums: sums, scores: bins.isEmpty ? nil : ScoreBins(pooling: bins)))
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
    struct Entry {
      var lower: Double, upper: Double, positives: Double, negatives: Double
    }
    let entries = all.flatMap { bins, weight in
      let (lower, upper) = (bins.lowerBounds, bins.upperBounds)
      return lower.indices.map {
        Entry(
          lower: lower[$0], upper: upper[$0], positives: weight * bins.positives[$0],
          negatives: weight * bins.negatives[$0])
      }
    }
    var pooled: [Entry] = []
    for entry in entries.sorted(by: { $0.lower < $1.lower }) {
      if pooled.last?.lower == entry.lower {
        pooled[pooled.count - 1].positives += entry.positives
        pooled[pooled.count - 1].negatives += entry.negatives
      } else {
        pooled.append(entry)
      }
    }
    self.init(
      lowerBounds: pooled.map(\.lower), upperBounds: pooled.map(\.upper),
      positives: pooled.map(\.positives), negatives: pooled.map(\.negatives))
  }
}
