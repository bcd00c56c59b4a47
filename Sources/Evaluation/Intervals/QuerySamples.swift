/// Samples of queries, for the intervals of metrics by query: a query is drawn with all its rows, by
/// a hash of its key, so that a replay draws it again.
enum QuerySamples {
  /// The queries of sample `number`, from 1; under the bootstrap as often as each was drawn.
  static func sample(
    _ number: Int, of queries: [RankedQuery], _ method: IntervalMethod
  ) -> [RankedQuery] {
    queries.flatMap { query -> [RankedQuery] in
      let hash = mixed(query.key.bitPattern)
      switch method {
      case .jackknife:
        let part = Int(hash.multipliedFullWidth(by: UInt64(SamplingPlan.count)).high) + 1
        return part == number ? [] : [query]
      case .bootstrap:
        let draw = Double(mixed(hash ^ UInt64(number)) >> 11) * 0x1p-53
        return [RankedQuery](repeating: query, count: poisson(draw))
      }
    }
  }

  /// The Poisson variable of mean 1 at the share `draw` of its distribution.
  private static func poisson(_ draw: Double) -> Int {
    var term = 0.36787944117144233
    var sum = term
    var count = 0
    while draw >= sum, count < 20 {
      count += 1
      term /= Double(count)
      sum += term
    }
    return count
  }

  /// The finalizer of SplitMix64.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15  // Wraps by design.
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
