/// Whether a gate holds.
public enum Verdict: Hashable, Sendable {
  case pass
  case fail(Reason)
  /// It cannot be said; this is not a pass.
  case undecided(Reason)

  /// Why a gate does not hold, or why that cannot be said.
  public struct Reason: Hashable, Sendable {
    /// For programs; the words of `validation.json`.
    public enum Code: String, Hashable, Sendable, CaseIterable {
      case belowLowerBound = "below_lower_bound"
      case aboveUpperBound = "above_upper_bound"
      case changeBelowLimit = "change_below_limit"
      case changeAboveLimit = "change_above_limit"
      /// Of the whole: one or more checks failed.
      case checksFailed = "checks_failed"
      /// Of the whole: none failed, and one or more are undecided.
      case checksUndecided = "checks_undecided"
      case nothingChecked = "nothing_checked"
      case sliceNotSeen = "slice_not_seen"
      /// It has fewer rows than `min_slice_size`.
      case sliceTooSmall = "slice_too_small"
      case noUsableRow = "no_usable_row"
      case notANumber = "not_a_number"
      /// The metric is NaN.
      case notDefined = "not_defined"
      /// There is nothing to relate a change to.
      case noBaseline = "no_baseline"
      /// The exact value may lie on either side of the threshold.
      case withinErrorBound = "within_error_bound"
      /// The rows are too few to tell on which side of the threshold the value lies.
      case withinInterval = "within_interval"
    }

    public let code: Code
    public let text: String

    public init(_ code: Code, _ text: String) {
      self.code = code
      self.text = text
    }
  }

  /// `pass`, `fail` or `undecided`.
  public var name: String {
    switch self {
    case .pass: "pass"
    case .fail: "fail"
    case .undecided: "undecided"
    }
  }

  /// `nil` for a pass.
  public var reason: Reason? {
    switch self {
    case .pass: nil
    case .fail(let reason), .undecided(let reason): reason
    }
  }
}
