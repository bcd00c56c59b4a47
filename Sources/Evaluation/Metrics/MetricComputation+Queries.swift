import Accumulators

extension MetricComputation {
  /// The value over ranked queries, of which the `k` greatest predictions are called positive.
  func value(of queries: [RankedQuery], _ subKey: SubKey?) -> BoundedValue {
    if let queryValue { return queryValue(queries) }
    let sums = sums.map { quantity in
      queries.reduce(0) { $0 + (quantity.value(of: $1, subKey) ?? .nan) }
    }
    return value(MetricInputs(sums: sums))
  }

  /// Whether it can be computed from ranked queries.
  func isKnownByQuery(_ subKey: SubKey?) -> Bool {
    if queryValue != nil { return true }
    let empty = RankedQuery(rows: [], weight: 0)
    return !needsScores && sums.allSatisfy { $0.value(of: empty, subKey) != nil }
  }
}

extension SumQuantity {
  /// The cell of the four counts that it is, if it is one, and the threshold.
  var decision: (cell: ConfusionCell, threshold: Double)? {
    switch self {
    case .truePositives(let threshold): (.tp, threshold)
    case .falsePositives(let threshold): (.fp, threshold)
    case .trueNegatives(let threshold): (.tn, threshold)
    case .falseNegatives(let threshold): (.fn, threshold)
    default: nil
    }
  }

  var cell: ConfusionCell? { decision?.cell }

  /// What `query` adds to the sum, if it is known of ranked rows.
  fileprivate func value(of query: RankedQuery, _ subKey: SubKey?) -> Double? {
    switch self {
    case .examples: return 1
    case .weight: return query.weight
    default:
      guard let cell, case .topK(let k)? = subKey else { return nil }
      return query.weight * query.count(of: cell, k: k)
    }
  }
}
