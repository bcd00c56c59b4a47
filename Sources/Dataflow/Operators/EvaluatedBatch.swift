public import Columns
public import EventTime

/// One batch after its row expressions: what every stage of the pipeline reads.
public struct EvaluatedBatch {
  /// The outputs of the pipeline's row program, each of `rowCount` rows.
  public let columns: [Column]
  /// Event times in microseconds since the epoch; shape `[rows]`, every row present.
  public let times: [Int64]
  /// Which rows the filter keeps, or `nil` for all.
  public let kept: [Bool]?
  /// The greatest event time of the split before this batch; `Int64.min` when there is none.
  public let priorMaximum: Int64
  /// How far rows may lag behind the greatest event time before them, in microseconds.
  public let outOfOrderness: Int64
  /// Takes the place of `outOfOrderness`; asked for the rows that are not certainly on time.
  public let estimator: (any WatermarkEstimator)?
  /// The watermark that rows are judged by is never below this; above the distant past only for a
  /// split that was idle or new while the job went on.
  public let watermarkFloor: Int64
  public let minimum: Int64
  public let maximum: Int64

  public init(
    columns: [Column], times: [Int64], kept: [Bool]?, priorMaximum: Int64,
    outOfOrderness: Interval, watermarkFloor: Timestamp = .distantPast,
    estimator: (any WatermarkEstimator)? = nil
  ) {
    self.columns = columns
    self.times = times
    self.kept = kept
    self.priorMaximum = priorMaximum
    self.outOfOrderness = outOfOrderness.microseconds
    self.estimator = estimator
    self.watermarkFloor = watermarkFloor.microseconds
    var low = Int64.max
    var high = Int64.min
    for time in times {
      low = min(low, time)
      high = max(high, time)
    }
    minimum = low
    maximum = high
  }

  public var rowCount: Int { times.count }

  /// The split's watermark once its greatest event time is `maximum`.
  public func watermark(after maximum: Int64) -> Int64 {
    if let estimator, maximum > .min {
      let time = estimator.watermark(after: Timestamp(microseconds: maximum))
      return max(watermarkFloor, time.microseconds)
    }
    // No row yet, or saturated: distant past.
    let (watermark, overflow) = maximum.subtractingReportingOverflow(outOfOrderness)
    return max(watermarkFloor, overflow || maximum == .min ? .min : watermark)
  }
}
