import Formats

/// One feature of a window held against the reference.
public struct FeatureDrift: Hashable, Sendable {
  public var name: String
  public var kind: FeatureKind
  public var rows: Int64
  public var referenceRows: Int64
  public var missing: Int64
  public var referenceMissing: Int64
  /// By name, in a fixed order; empty when one side has no row.
  public var statistics: [(name: String, statistic: Statistic)] = []
  /// What `probability` is of.
  public var test: String?
  /// How probable a difference as great is by chance; `nil` when one side has no row.
  public var probability: Double?
  /// The same for the worst of all features, after Benjamini and Hochberg.
  public var adjusted: Double?
  public var isAlarm = false
  /// By how much the distance of cumulative shares may be wrong, where values were put together.
  public var rankError = 0.0

  public static func == (one: FeatureDrift, two: FeatureDrift) -> Bool {
    one.line == two.line
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(line) }

  init(_ one: FeatureDistribution, against two: FeatureDistribution?) {
    name = one.name
    kind = one.kind
    rows = one.rows
    referenceRows = two?.rows ?? 0
    missing = one.rows - one.present
    referenceMissing = two.map { $0.rows - $0.present } ?? 0
    guard let two, one.rows > 0, two.rows > 0, one.kind == two.kind else { return }
    var bins: ComparedCounts
    // The rows without a value, as a test of their own; half of what is asked of each.
    let lack = ComparedCounts(
      one: [Double(one.present), one.missing], two: [Double(two.present), two.missing])
    let hasBoth = one.present > 0 && two.present > 0
    var tests = [lack.probability]
    switch kind {
    case .numeric where !two.edges.isEmpty:
      guard let ranges = ComparedCounts(one, inRangesOf: two) else { return }
      bins = ranges
      test = "chi_squared"
      if hasBoth { tests.append(bins.probability) }
    case .numeric:
      let numbers = ComparedNumbers(one, two)
      bins = numbers.binned
      test = "kolmogorov_smirnov"
      guard hasBoth else { break }
      tests.append(numbers.probability)
      statistics = [("ks", numbers.kolmogorovSmirnov), ("wasserstein", numbers.wasserstein)]
      rankError = one.rankError + two.rankError
    case .categorical:
      bins = Self.categories(one, two)
      test = "chi_squared"
      if hasBoth { tests.append(bins.probability) }
    }
    let hasLack = two.countsMissing && one.missing + two.missing > 0
    probability = hasLack ? min(1, 2 * (tests.min() ?? 1)) : tests.last
    if hasLack {
      bins.one.append(one.missing)
      bins.two.append(two.missing)
    }
    statistics =
      [
        ("linf", bins.largestDifference), ("js", bins.jensenShannon),
        ("psi", bins.stabilityIndex),
      ] + statistics
  }

  /// The counts of each token of either side.
  private static func categories(
    _ one: FeatureDistribution, _ two: FeatureDistribution
  ) -> ComparedCounts {
    var places: [String: Int] = [:]
    var bins = ComparedCounts(one: one.counts, two: one.counts.map { _ in 0 })
    if let rest = two.rest {
      // What the reference does not tell apart counts as one.
      let told = Set(two.tokens)
      bins = ComparedCounts(one: [0], two: [rest])
      for (index, token) in one.tokens.enumerated() {
        if told.contains(token) {
          places[token] = bins.one.count
          bins.one.append(one.counts[index])
          bins.two.append(0)
        } else {
          bins.one[0] += one.counts[index]
        }
      }
    } else {
      for (index, token) in one.tokens.enumerated() { places[token] = index }
    }
    for (index, token) in two.tokens.enumerated() {
      if let place = places[token] {
        bins.two[place] = two.counts[index]
      } else {
        bins.one.append(0)
        bins.two.append(two.counts[index])
      }
    }
    return bins
  }

  /// The Jensen–Shannon divergence; 0 when it is not known.
  var divergence: Double { statistics.first { $0.name == "js" }?.statistic.value ?? 0 }
}

/// The content of one pane of a watch for drift.
public struct DriftSnapshot: Sendable {
  public var features: [FeatureDrift]
  /// Those of the window itself, for others to refer to.
  public var distributions: [FeatureDistribution]

  /// Whether a feature raises an alarm; `nil` when there was nothing to compare.
  public var isAlarm: Bool? {
    features.allSatisfy { $0.probability == nil } ? nil : features.contains(where: \.isAlarm)
  }

  init(
    _ current: [FeatureDistribution], against reference: [FeatureDistribution?], _ spec: DriftSpec
  ) {
    distributions = current
    features = zip(current, reference).map { FeatureDrift($0, against: $1) }
    adjust(spec)
  }

  /// Of features without drift at most the alarm rate is called drifting (Benjamini and Hochberg,
  /// 1995): the i-th smallest of k probabilities counts k / i times.
  mutating func adjust(_ spec: DriftSpec) {
    let known = features.indices.filter { features[$0].probability != nil }.sorted {
      (features[$0].probability ?? 1, $0) < (features[$1].probability ?? 1, $1)
    }
    var least = 1.0
    for (rank, index) in known.enumerated().reversed() {
      let factor = Double(known.count) / Double(rank + 1)
      least = min(least, (features[index].probability ?? 1) * factor)
      features[index].adjusted = least
      features[index].isAlarm =
        least <= spec.alarmRate && features[index].divergence >= spec.leastDivergence
    }
  }

  /// The bytes of `drift.jsonl`: a line for each feature.
  public func lines() -> [UInt8] { features.flatMap(\.line) }

  /// The bytes of `distributions.jsonl`: a line for each feature.
  public func distributionLines() -> [UInt8] {
    var writer = JSONWriter()
    for distribution in distributions { distribution.write(to: &writer) }
    return writer.bytes
  }
}

extension FeatureDrift {
  var line: [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("feature")
    writer.value(name)
    writer.key("kind")
    writer.value(kind.rawValue)
    for (name, count) in [
      ("rows", rows), ("reference_rows", referenceRows), ("missing", missing),
      ("reference_missing", referenceMissing),
    ] {
      writer.key(name)
      writer.value(count)
    }
    writer.key("statistics")
    writer.beginObject()
    for (name, statistic) in statistics {
      writer.key(name)
      writer.beginObject()
      writer.key("value")
      writer.value(statistic.value)
      writer.key("by_chance")
      writer.value(statistic.byChance)
      if name == "ks", rankError > 0 {
        writer.key("bound")
        writer.value(rankError)
      }
      writer.endObject()
    }
    writer.endObject()
    if let test, let probability, let adjusted {
      writer.key("test")
      writer.value(test)
      writer.key("p")
      writer.value(probability)
      writer.key("p_adjusted")
      writer.value(adjusted)
    }
    writer.key("alarm")
    writer.value(isAlarm)
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}
