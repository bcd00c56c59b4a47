import DataflowTesting
import EventTime
import Testing

@Suite struct SlicedWindowsTests {
  @Test(arguments: 0..<300 as Range<UInt64>)
  func `windows of slices are the windows of their starts`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let period = Int64.random(in: 1...9, using: &generator)
    let windows = SlidingWindows(
      size: Interval(microseconds: period * Int64.random(in: 2...6, using: &generator)),
      period: Interval(microseconds: period),
      offset: Interval(microseconds: Int64.random(in: 0...9, using: &generator)))
    let sliced = try #require(SlicedWindows(WindowingStrategy(windowFn: windows)))
    // Far apart now and then, so that the grid between them is not walked.
    let reach: Int64 = Bool.random(using: &generator) ? 60 : 1_000_000_000
    let starts = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
      let time = Int64.random(in: -reach...reach, using: &generator)
      return Timestamp(microseconds: sliced.slices.start(for: time))
    }
    let low = Timestamp(microseconds: Int64.random(in: -reach...reach, using: &generator))
    let bounds = [
      (Timestamp.distantPast, Timestamp.distantFuture), (low, .distantFuture),
      (low, low.advanced(by: Interval(microseconds: 20))),
    ]
    for (after, upTo) in bounds {
      let expected = Set(starts.flatMap { windows.windows(for: $0) })
        .filter { after < $0.end && $0.end <= upTo }.sorted()
      let found = sliced.windows(holding: starts, endingAfter: after, upTo: upTo)
      #expect(found == expected, "seed \(seed)")
    }
  }

  @Test func `a trigger that may fire early needs windows of their own`() {
    let windows = SlidingWindows(size: .seconds(10), period: .seconds(1))
    let early = WindowingStrategy(
      windowFn: windows, trigger: .afterWatermark(early: .afterCount(1), late: nil))
    #expect(SlicedWindows(early) == nil)
    #expect(SlicedWindows(WindowingStrategy(windowFn: windows)) != nil)
    let uneven = SlidingWindows(size: .seconds(10), period: .seconds(3))
    #expect(SlicedWindows(WindowingStrategy(windowFn: uneven)) == nil)
  }
}
