import EventTime
import Testing

@Suite struct WatermarkTests {
  static func at(_ micros: Int64) -> Timestamp { Timestamp(microseconds: micros) }

  @Test func `bounded disorder lags behind the latest row, and saturates`() {
    let estimator = BoundedOutOfOrderness(bound: .microseconds(10))
    #expect(estimator.watermark(after: .distantPast) == .distantPast)
    #expect(estimator.watermark(after: Self.at(100)) == Self.at(90))
    #expect(estimator.watermark(after: .distantFuture) == Self.at(.max - 10))
  }

  @Test func `whole periods end with the last one that is over`() {
    let estimator = WholePeriods(period: .microseconds(10), bound: .microseconds(3))
    for (latest, watermark) in [(9, 0), (12, 0), (13, 10), (22, 10), (23, 20), (-1, -10)] {
      #expect(estimator.watermark(after: Self.at(Int64(latest))) == Self.at(Int64(watermark)))
    }
    #expect(estimator.watermark(after: .distantPast) == .distantPast)
  }

  @Test(arguments: 0..<WatermarkEstimatorCatalog.all.count)
  func `an estimator is never ahead of what it has seen and never goes back`(index: Int) {
    let type = WatermarkEstimatorCatalog.all[index]
    #expect(WatermarkEstimatorCatalog.type(named: type.name) == type)
    let required = type.parameters.filter(\.isRequired).map { ($0.name, Interval.seconds(7)) }
    let all = type.parameters.map { ($0.name, Interval.milliseconds(900)) }
    for values in [required, all] {
      let estimator = type.init(Dictionary(uniqueKeysWithValues: values))
      var last = Timestamp.distantPast
      let times: [Int64] = [.min, .min + 1] + (-40..<40).map { $0 * 770_001 } + [.max - 1, .max]
      for time in times {
        let watermark = estimator.watermark(after: Self.at(time))
        #expect(watermark <= Self.at(time) && watermark >= last, "\(type.name) after \(time)")
        last = watermark
      }
    }
  }

  @Test func `a split is idle only when caught up and quiet for long enough`() {
    let policy = IdlenessPolicy(idleAfter: .seconds(30))
    let quiet = Self.at(1000)
    let due = quiet.advanced(by: .seconds(30))
    #expect(policy.idleTime(quietSince: quiet) == due)
    #expect(policy.isIdle(isCaughtUp: true, quietSince: quiet, now: due))
    #expect(!policy.isIdle(isCaughtUp: false, quietSince: quiet, now: .distantFuture))
    #expect(
      !policy.isIdle(
        isCaughtUp: true, quietSince: quiet, now: due.advanced(by: .microseconds(-1))))
    #expect(
      !IdlenessPolicy(idleAfter: nil)
        .isIdle(isCaughtUp: true, quietSince: quiet, now: .distantFuture))
  }

  @Test func `a row may be as far ahead as the limit`() {
    let skew = FutureSkewGuard(limit: .microseconds(5))
    #expect(skew.accepts(eventTime: Self.at(15), ingestedAt: Self.at(10)))
    #expect(!skew.accepts(eventTime: Self.at(16), ingestedAt: Self.at(10)))
    #expect(skew.accepts(eventTime: .distantPast, ingestedAt: Self.at(10)))
    #expect(FutureSkewGuard(limit: nil).accepts(eventTime: .distantFuture, ingestedAt: Self.at(0)))
  }

  @Test func `a split with unread data holds, an empty one that is caught up does not`() {
    var tracker = WatermarkTracker()
    let first = tracker.add()
    let second = tracker.add()
    tracker.update(first, to: .init(watermark: Self.at(50), hasDelivered: true))
    #expect(tracker.watermark == .distantPast)
    #expect(tracker.holder == second)
    tracker.update(second, to: .init(isCaughtUp: true))
    #expect(tracker.watermark == Self.at(50))
    #expect(tracker.holder == first)
    tracker.update(
      first, to: .init(watermark: Self.at(60), hasDelivered: true, isCaughtUp: true, isIdle: true))
    #expect(tracker.isStalled)
    #expect(tracker.watermark == Self.at(50), "it stays while all are idle")
    tracker.update(first, to: .init(watermark: Self.at(60), isFinished: true))
    #expect(tracker.watermark == Self.at(50))
    tracker.update(second, to: .init(isFinished: true))
    #expect(tracker.watermark == .distantFuture)
    #expect(!tracker.isStalled)
    let third = tracker.add()
    #expect(tracker.watermark == Self.at(50), "a split that appears is no end")
    tracker.update(third, to: .init(watermark: Self.at(70), hasDelivered: true))
    #expect(tracker.watermark == Self.at(70))
  }

  @Test(arguments: [1, 2, 3, 8, 33])
  func `the watermark is the running minimum over the splits that hold`(splitCount: Int) {
    var random = SeededRandom(seed: UInt64(splitCount))
    var tracker = WatermarkTracker()
    var splits: [SplitProgress] = []
    for _ in 0..<splitCount {
      splits.append(SplitProgress())
      tracker.add()
    }
    var expected = Timestamp.distantPast
    for step in 0..<2000 {
      let split = Int.random(in: 0..<splitCount, using: &random)
      let progress = SplitProgress(
        watermark: max(
          splits[split].watermark, Self.at(Int64.random(in: 0...9999, using: &random))),
        hasDelivered: Bool.random(using: &random), isCaughtUp: Bool.random(using: &random),
        isIdle: Int.random(in: 0..<4, using: &random) == 0,
        isFinished: step > 1500 && Bool.random(using: &random))
      splits[split] = progress
      tracker.update(split, to: progress)
      let holding = splits.filter(\.holds)
      if let minimum = holding.map(\.watermark).min() { expected = max(expected, minimum) }
      let isOver = splits.allSatisfy(\.isFinished)
      #expect(tracker.watermark == (isOver ? .distantFuture : expected))
      #expect(tracker.holder.map { splits[$0].watermark } == holding.map(\.watermark).min())
    }
    let restored = WatermarkTracker(watermark: tracker.watermark, splits: tracker.splits)
    #expect(restored.watermark == tracker.watermark)
    #expect(restored.holder == tracker.holder)
  }
}
