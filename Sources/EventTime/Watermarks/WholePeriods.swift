/// Watermark = the end of the last whole period before the latest event time seen, less a fixed bound.
///
/// For sources that deliver an hour or a day at once, in no order within it: nothing is late until
/// rows of the next one come.
public struct WholePeriods: WatermarkEstimator {
  public static let name = "whole_periods"
  public static let summary = "the end of the last period that is over, for hourly deliveries"
  public static let parameters: [EstimatorParameter] = [
    EstimatorParameter("period"), EstimatorParameter("bound", isRequired: false),
  ]

  public let period: Interval
  public let bound: Interval

  /// - Precondition: `period` is positive, `bound` not negative.
  public init(period: Interval, bound: Interval = .zero) {
    precondition(period > .zero, "a period is positive: \(period)")
    precondition(bound >= .zero, "a bound on disorder is not negative: \(bound)")
    self.period = period
    self.bound = bound
  }

  public init(_ values: [String: Interval]) {
    self.init(period: values["period"] ?? .microseconds(1), bound: values["bound"] ?? .zero)
  }

  public func watermark(after latest: Timestamp) -> Timestamp {
    let time = latest.advanced(by: Interval(microseconds: -bound.microseconds))
    guard time > .distantPast else { return time }
    return FixedWindows(size: period).window(for: time).start
  }
}
