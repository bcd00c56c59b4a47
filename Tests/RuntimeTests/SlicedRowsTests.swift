import Dataflow
import DataflowTesting
import EventTime
import Testing

@testable import Runtime

/// Rows counted by slice, against the rows themselves.
@Suite struct SlicedRowsTests {
  private struct Row {
    var slice: Window
    var after: Timestamp
  }

  private static func at(_ microseconds: Int64) -> Timestamp {
    Timestamp(microseconds: microseconds)
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `a window has the rows of its slices that were on time for it`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let period = Int64.random(in: 1...4, using: &generator)
    let size = period * Int64.random(in: 2...9, using: &generator)
    let windowFn = SlidingWindows(size: .microseconds(size), period: .microseconds(period))
    let sliced = try #require(SlicedWindows(WindowingStrategy(windowFn: windowFn)))
    var counted = SlicedRows(sliced)
    var rows: [Row] = []
    for _ in 0..<Int.random(in: 0...20, using: &generator) {
      let slice = sliced.slices.window(for: Self.at(Int64.random(in: 0...60, using: &generator)))
      let windows = sliced.windows(holding: slice, endingUpTo: .distantFuture)
      #expect(windows == windowFn.windows(for: slice.start))
      // Rows for which the first windows had ended when they came.
      let ended = Int.random(in: 0..<windows.count, using: &generator)
      let row = Row(slice: slice, after: ended == 0 ? .distantPast : windows[ended - 1].end)
      let count = Int.random(in: 1...3, using: &generator)
      let isSlice = counted.add(
        AdmittedRows(RowSlot(window: slice, release: row.after), count: count))
      #expect(isSlice)
      rows += Array(repeating: row, count: count)
    }
    let low = Self.at(Int64.random(in: -9...70, using: &generator))
    let high = Bool.random(using: &generator) ? .distantFuture : low.advanced(by: .microseconds(9))
    var expected: [Window: Int] = [:]
    for row in rows {
      for window in windowFn.windows(for: row.slice.start)
      where window.end > row.after && window.end > low && window.end <= high {
        expected[window, default: 0] += 1
      }
    }
    let found = counted.windows(endingAfter: low, upTo: high)
    #expect(found.map(\.window) == expected.keys.sorted(), "seed \(seed)")
    #expect(found.allSatisfy { expected[$0.window] == $0.rows }, "seed \(seed)")
    counted.drop(upTo: low)
    let rest = counted.windows(endingAfter: low, upTo: high)
    #expect(rest.map(\.window) == found.map(\.window), "seed \(seed)")
  }

  @Test func `a window is no slice`() throws {
    let windowFn = SlidingWindows(size: .microseconds(6), period: .microseconds(2))
    let sliced = try #require(SlicedWindows(WindowingStrategy(windowFn: windowFn)))
    var counted = SlicedRows(sliced)
    let window = Window(start: Self.at(0), end: Self.at(6))
    let isSlice = counted.add(
      AdmittedRows(RowSlot(window: window, release: .distantPast), count: 1))
    #expect(!isSlice && counted.counts.isEmpty)
  }
}
