/// Whether a gate holds.
public enum Verdict: Hashable, Sendable {
  case pass
  case fail
  /// It cannot be said; this is not a pass.
  case undecided(String)

  /// `pass`, `fail` or `undecided`.
  public var name: String {
    switch self {
    case .pass: "pass"
    case .fail: "fail"
    case .undecided: "undecided"
    }
  }

  public var reason: String? {
    if case .undecided(let reason) = self { reason } else { nil }
  }
}

/// One threshold held against one metric of one slice.
public struct ThresholdCheck: Hashable, Sendable {
  public var slice: SliceKey
  public var metric: MetricKey
  public var threshold: MetricThreshold
  /// `nil` when there is no such slice.
  public var value: MetricValue?
  public var bound: Double?
  public var examples: Int64
  public var weight: Double
  public var verdict: Verdict

  /// Holds `result` against `threshold`.
  init(_ threshold: MetricThreshold, on result: MetricResult, of slice: SliceKey) {
    self.slice = slice
    self.threshold = threshold
    metric = result.key
    value = result.value
    bound = result.bound
    examples = result.examples
    weight = result.weight
    verdict = Self.verdict(of: threshold, on: result)
  }

  /// A slice or metric that was not found.
  init(_ threshold: MetricThreshold, missing metric: MetricKey, of slice: SliceKey, why: String) {
    self.slice = slice
    self.threshold = threshold
    self.metric = metric
    value = nil
    bound = nil
    examples = 0
    weight = 0
    verdict = .undecided(why)
  }

  /// Pass or fail only if every value within the bound agrees.
  private static func verdict(of threshold: MetricThreshold, on result: MetricResult) -> Verdict {
    if result.examples == 0 { return .undecided("the slice has no usable row") }
    guard case .number(let value) = result.value else {
      return .undecided("the metric is not a number")
    }
    if value.isNaN { return .undecided("the metric is NaN") }
    let bound = result.bound ?? 0
    let lowest = threshold.lowerBound ?? -.infinity
    let highest = threshold.upperBound ?? .infinity
    if value + bound < lowest || value - bound > highest { return .fail }
    if value - bound >= lowest, value + bound <= highest { return .pass }
    return .undecided("the value is within its error bound \(bound) of the threshold")
  }
}

/// The outcome of all thresholds.
public struct ValidationResult: Hashable, Sendable {
  /// Slice by slice; slices that were never seen last.
  public var checks: [ThresholdCheck]
  public var passCount: Int
  public var failCount: Int
  public var undecidedCount: Int

  public init(_ checks: [ThresholdCheck]) {
    self.checks = checks
    passCount = checks.count { $0.verdict == .pass }
    failCount = checks.count { $0.verdict == .fail }
    undecidedCount = checks.count - passCount - failCount
  }

  /// Fail if one fails; else undecided if one is, or if nothing was checked; else pass.
  public var verdict: Verdict {
    if failCount > 0 { return .fail }
    if checks.isEmpty { return .undecided("no threshold was checked") }
    if undecidedCount > 0 {
      return .undecided("\(undecidedCount) of \(checks.count) checks are undecided")
    }
    return .pass
  }
}
