import EventTime
import Testing

@testable import CommandLineTool

@Suite struct MemoryBoundTests {
  struct Case: Sendable {
    var size: Int64
    var lateness: Int64
    var outOfOrderness: Int64
  }

  /// The windows of `size` that a row less than `size + lateness + outOfOrderness` before the
  /// greatest time can be in, over every phase of the greatest time; counted one by one.
  private static func brute(_ test: Case) -> Int {
    (0..<test.size).map { phase in
      let greatest = 1000 * test.size + phase
      let watermark = greatest - test.outOfOrderness
      return (0...1000).count { window in
        let start = Int64(window) * test.size
        return start <= greatest && start + test.size + test.lateness > watermark
      }
    }.max() ?? 0
  }

  @Test(arguments: [
    Case(size: 60, lateness: 0, outOfOrderness: 0),
    Case(size: 60, lateness: 0, outOfOrderness: 10),
    Case(size: 60, lateness: 600, outOfOrderness: 10),
    Case(size: 7, lateness: 3, outOfOrderness: 4), Case(size: 1, lateness: 5, outOfOrderness: 2),
  ])
  func `open windows are those a row can still reach`(test: Case) {
    let strategy = WindowingStrategy(
      windowFn: FixedWindows(size: .microseconds(test.size)),
      allowedLateness: .microseconds(test.lateness))
    #expect(
      MemoryBound.openWindowCount(strategy, .microseconds(test.outOfOrderness))
        == Self.brute(test))
  }
}
