public import Columns
public import EventTime

/// One batch after its row expressions: what every stage of the pipeline reads.
public struct EvaluatedBatch {
  /// The outputs of the pipeline's row program, each of `rowCount` rows.
  public let columns: [Column]
  /// Event times in microseconds since the epoch; shape `[rows]`, every row present.
  public let times: [Int64]
  /// What moves the watermark of the split, row by row: the event times, or what the source says in
  /// their place (`Int64.min` where it says nothing); shape `[rows]`.
  public let clock: [Int64]
  /// Which rows the filter keeps, or `nil` for all.
  public let kept: [Bool]?
  /// The greatest `clock` of the split before this batch; `Int64.min` when there is none.
  public let priorMaximum: Int64
  /// How far rows may lag behind the greatest `clock` before them, in microseconds.
  public let outOfOrderness: Int64
  /// Takes the place of `outOfOrderness`; asked for the rows that are not certainly on time.
  public let estimator: (any WatermarkEstimator)?
  /// The watermark that rows are judged by is never below this; above the distant past only for a
  /// split that was idle or new while the job went on.
  public let watermarkFloor: Int64
  /// What each row is judged by, in place of all that; shape `[rows]`.
  public let watermarks: [Int64]?
  /// The greatest event time.
  public let maximum: Int64
  public let clockMaximum: Int64

  /// Without a `clock`, the event times move the watermark.
  public init(
    columns: [Column], times: [Int64], clock: [Int64]? = nil, kept: [Bool]?, priorMaximum: Int64,
    outOfOrderness: Interval, watermarkFloor: Timestamp = .distantPast,
    estimator: (any WatermarkEstimator)? = nil, watermarks: [Int64]? = nil
  ) {
    self.columns = columns
    self.times = times
    self.clock = clock ?? times
    self.kept = kept
    self.priorMaximum = priorMaximum
    self.outOfOrderness = outOfOrderness.microseconds
    self.estimator = estimator
    self.watermarkFloor = watermarkFloor.microseconds
    self.watermarks = watermarks
    maximum = Self.greatest(times)
    clockMaximum = clock.map { Self.greatest($0) } ?? maximum
  }

  private static func greatest(_ times: [Int64]) -> Int64 {
    var high = Int64.min
    for time in times { high = max(high, time) }
    return high
  }

  public var rowCount: Int { times.count }

  /// The watermark that `row` is judged by, the greatest `clock` before it being `maximum`.
  func watermark(of row: Int, after maximum: Int64) -> Int64 {
    watermarks?[row] ?? watermark(after: maximum)
  }

  /// No row is judged by a later watermark.
  var greatestWatermark: Int64 {
    watermarks?.max() ?? watermark(after: max(priorMaximum, clockMaximum))
  }

  /// The split's watermark once its greatest `clock` is `maximum`.
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
