/// Says how far the event time of one split has come, from the latest one seen.
///
/// A function of the latest event time alone, so that chunks of a split can be judged at the same
/// time and the answer is still that of reading it row by row. A user's own may round down to the
/// hour, or know of a daily gap: one file and a line in ``WatermarkEstimatorCatalog``, and job files
/// can name it.
public protocol WatermarkEstimator: Hashable, Sendable {
  /// What the estimator is called in job files.
  static var name: String { get }
  /// What it does, in a few words.
  static var summary: String { get }
  /// What job files say of it.
  static var parameters: [EstimatorParameter] { get }

  /// - Parameter values: By name, of ``parameters``: those given; none is negative, none that is
  ///   required is zero or missing.
  init(_ values: [String: Interval])

  /// A lower bound of the event times still to come; not later than `latest`, and never earlier for
  /// a later one.
  func watermark(after latest: Timestamp) -> Timestamp
}

/// A length of time that a job file gives an estimator.
public struct EstimatorParameter: Hashable, Sendable {
  public let name: String
  /// Whether it must be given, and be longer than zero.
  public let isRequired: Bool

  public init(_ name: String, isRequired: Bool = true) {
    self.name = name
    self.isRequired = isRequired
  }
}

/// Watermark = latest event time seen − a fixed bound.
public struct BoundedOutOfOrderness: WatermarkEstimator {
  public static let name = "bounded_out_of_orderness"
  public static let summary = "the latest event time less a bound, as max_out_of_orderness says it"
  public static let parameters = [EstimatorParameter("bound", isRequired: false)]

  public let bound: Interval

  /// - Precondition: `bound` is not negative.
  public init(bound: Interval) {
    precondition(bound >= .zero, "a bound on disorder is not negative: \(bound)")
    self.bound = bound
  }

  public init(_ values: [String: Interval]) { self.init(bound: values["bound"] ?? .zero) }

  public func watermark(after latest: Timestamp) -> Timestamp {
    latest.advanced(by: Interval(microseconds: -bound.microseconds))
  }
}
