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
    failCount = checks.count { if case .fail = $0.verdict { true } else { false } }
    undecidedCount = checks.count - passCount - failCount
  }

  /// Fail if one fails; else undecided if one is, or if nothing was checked; else pass.
  public var verdict: Verdict {
    if failCount > 0 {
      return .fail(
        Verdict.Reason(.checksFailed, "\(failCount) of \(checks.count) checks fail"))
    }
    if checks.isEmpty {
      return .undecided(Verdict.Reason(.nothingChecked, "no threshold was checked"))
    }
    if undecidedCount > 0 {
      return .undecided(
        Verdict.Reason(
          .checksUndecided, "\(undecidedCount) of \(checks.count) checks are undecided"))
    }
    return .pass
  }
}
