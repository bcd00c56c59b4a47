/// One threshold held against one metric of one slice.
public struct ThresholdCheck: Hashable, Sendable {
  public var slice: SliceKey
  /// The slice that `slice` is compared with, if it is.
  public var baselineSlice: SliceKey?
  public var metric: MetricKey
  public var threshold: MetricThreshold
  /// `nil` when there is no such slice.
  public var value: MetricValue?
  public var bound: Double?
  public var interval: ClosedRange<Double>?
  public var examples: Int64
  public var weight: Double
  /// Of a change: the baseline's value, from which the limits follow.
  public var baseline: Double?
  public var verdict: Verdict

  /// Holds `result` against `threshold`.
  ///
  /// `baseline` is the baseline's value, if `result` is the difference from it.
  init(
    _ threshold: MetricThreshold, on result: MetricResult, of slice: SliceKey,
    against baselineSlice: SliceKey? = nil, baseline: MetricResult? = nil
  ) {
    self.slice = slice
    self.baselineSlice = baselineSlice
    self.threshold = threshold
    metric = result.key
    value = result.value
    bound = result.bound
    interval = result.interval
    examples = result.examples
    weight = result.weight
    self.baseline = baseline?.value.number
    verdict = .pass
    verdict = judged()
  }

  /// A slice or metric that was not found.
  init(
    _ threshold: MetricThreshold, missing metric: MetricKey, of slice: SliceKey,
    why: Verdict.Reason
  ) {
    self.slice = slice
    self.threshold = threshold
    self.metric = metric
    value = nil
    bound = nil
    examples = 0
    weight = 0
    verdict = .undecided(why)
  }

  /// Between what the value must lie; a change's limits are those of the difference.
  public var limits: (lowest: Double, highest: Double) {
    threshold.change?.limits(from: baseline ?? .nan)
      ?? (threshold.lowerBound ?? -.infinity, threshold.upperBound ?? .infinity)
  }

  /// Pass or fail only if every value within the bound agrees and, where there is an interval, every
  /// value in it. (Limits that are relative to the baseline take its value as it is.)
  private func judged() -> Verdict {
    func doubt(_ code: Verdict.Reason.Code, _ text: String) -> Verdict {
      .undecided(Verdict.Reason(code, text))
    }
    if examples == 0 { return doubt(.noUsableRow, "the slice has no usable row") }
    guard case .number(let value)? = value else {
      return doubt(.notANumber, "the metric is not a number")
    }
    if value.isNaN { return doubt(.notDefined, "the metric is NaN") }
    let base = baseline ?? .nan
    if threshold.change?.relative != nil, base.isNaN || abs(base) < 1e-8 {
      return doubt(.noBaseline, "the baseline is \(base), so there is no relative change")
    }
    let bound = bound ?? 0
    let exact = Self.verdict(value - bound, value + bound, limits, threshold.change != nil)
    guard let exact else {
      return doubt(
        .withinErrorBound, "the value is within its error bound \(bound) of the threshold")
    }
    guard let interval else { return exact }
    let (low, high) = (interval.lowerBound - bound, interval.upperBound + bound)
    return Self.verdict(min(low, value), max(high, value), limits, threshold.change != nil)
      ?? doubt(
        .withinInterval,
        "the threshold lies in the 95 % interval: \(examples) rows are too few")
  }

  /// `nil` where some values of `low ... high` are within the limits and others are not.
  private static func verdict(
    _ low: Double, _ high: Double, _ limits: (lowest: Double, highest: Double), _ isChange: Bool
  ) -> Verdict? {
    if high < limits.lowest {
      return .fail(
        Verdict.Reason(
          isChange ? .changeBelowLimit : .belowLowerBound, "below \(limits.lowest)"))
    }
    if low > limits.highest {
      return .fail(
        Verdict.Reason(
          isChange ? .changeAboveLimit : .aboveUpperBound, "above \(limits.highest)"))
    }
    return low >= limits.lowest && high <= limits.highest ? .pass : nil
  }
}

extension MetricThreshold.Change {
  /// Between what the difference from `baseline` must lie.
  ///
  /// Source: TFMA `metrics_validator.py`, where `difference / baseline` is held against `relative`.
  fileprivate func limits(from baseline: Double) -> (lowest: Double, highest: Double) {
    var limits = (lowest: -Double.infinity, highest: Double.infinity)
    if let absolute {
      if direction == .higher { limits.lowest = absolute } else { limits.highest = absolute }
    }
    if let relative {
      // Multiplied by a baseline below 0, the comparison turns.
      if (direction == .higher) == (baseline > 0) {
        limits.lowest = max(limits.lowest, relative * baseline)
      } else {
        limits.highest = min(limits.highest, relative * baseline)
      }
    }
    return limits
  }
}
