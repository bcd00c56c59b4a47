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
  ///
  /// `baseline` is the baseline's value, if `result` is the difference from it.
  init(
    _ threshold: MetricThreshold, on result: MetricResult, of slice: SliceKey,
    baseline: MetricResult? = nil
  ) {
    self.slice = slice
    self.threshold = threshold
    metric = result.key
    value = result.value
    bound = result.bound
    examples = result.examples
    weight = result.weight
    verdict = Self.verdict(of: threshold, on: result, baseline)
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
  private static func verdict(
    of threshold: MetricThreshold, on result: MetricResult, _ baseline: MetricResult?
  ) -> Verdict {
    if result.examples == 0 { return .undecided("the slice has no usable row") }
    guard case .number(let value) = result.value else {
      return .undecided("the metric is not a number")
    }
    if value.isNaN { return .undecided("the metric is NaN") }
    let bound = result.bound ?? 0
    let base = baseline?.value.number ?? .nan
    if threshold.change?.relative != nil, base.isNaN || abs(base) < 1e-8 {
      return .undecided("the baseline is \(base), so there is no relative change")
    }
    let (lowest, highest) = threshold.change?.limits(from: base) ?? threshold.limits
    if value + bound < lowest || value - bound > highest { return .fail }
    if value - bound >= lowest, value + bound <= highest { return .pass }
    return .undecided("the value is within its error bound \(bound) of the threshold")
  }
}

extension MetricThreshold {
  fileprivate var limits: (Double, Double) { (lowerBound ?? -.infinity, upperBound ?? .infinity) }
}

extension MetricThreshold.Change {
  /// Between what the difference from `baseline` must lie.
  ///
  /// Source: TFMA `metrics_validator.py`, where `difference / baseline` is held against `relative`.
  fileprivate func limits(from baseline: Double) -> (Double, Double) {
    var limits = (-Double.infinity, Double.infinity)
    if let absolute {
      if direction == .higher { limits.0 = absolute } else { limits.1 = absolute }
    }
    if let relative {
      // Multiplied by a baseline below 0, the comparison turns.
      if (direction == .higher) == (baseline > 0) {
        limits.0 = max(limits.0, relative * baseline)
      } else {
        limits.1 = min(limits.1, relative * baseline)
      }
    }
    return limits
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
