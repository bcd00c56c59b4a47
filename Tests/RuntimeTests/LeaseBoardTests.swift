import Columns
import Dataflow
import EventTime
import Formats
import Testing

@testable import Runtime

@Suite struct LeaseBoardTests {
  private struct Failure: Error {}

  /// A split that cannot be read, or has nothing: for now, if it says that it is caught up.
  private struct BarrenSource: Source {
    /// `nil`: reading fails.
    var isCaughtUp: Bool?
    let isUnbounded = true
    let decodersNeedHead = false

    private final class Reader: SplitReader {
      let isCaughtUp: Bool?
      init(_ isCaughtUp: Bool?) { self.isCaughtUp = isCaughtUp }

      func nextChunk(into buffer: PaddedBuffer, targetBytes: Int) throws -> SplitChunk? {
        guard let isCaughtUp else { throw Failure() }
        return SplitChunk(offset: 0, isStartOfSplit: true, isCaughtUp: isCaughtUp)
      }

      func head() throws -> PaddedBuffer { PaddedBuffer(capacity: 0) }
    }

    func splits() -> [String] { ["a"] }
    func makeReader(of split: String, from offset: Int) -> any SplitReader { Reader(isCaughtUp) }
    func makeDecoder() throws -> any RecordDecoder { throw Failure() }
  }

  private func board(_ source: BarrenSource) throws -> (LeaseBoard, Locked<Coordinator>) {
    let stage = StageDescription(name: "", kind: .aggregate, groupings: [[]], accumulators: [])
    let windowing = WindowingStrategy(
      windowFn: FixedWindows(size: .seconds(10)), allowedLateness: .zero)
    let pipeline = try Pipeline(
      schema: Schema([]),
      eventTime: Pipeline.EventTimePolicy(column: nil, maxOutOfOrderness: .zero), filter: nil,
      stages: [Pipeline.StageRequest(stage, windowing: windowing)])
    let coordinator = Locked(Coordinator(pipeline))
    let board = LeaseBoard(
      source: source, coordinator: coordinator, journal: nil,
      alignment: pipeline.eventTime.alignment)
    let split = coordinator.withLock { coordinator in
      coordinator.addSplit("a")
      return coordinator.splits[0]
    }
    board.add(split)
    return (board, coordinator)
  }

  /// Found by a run that was stopped while its broker was silent and a checkpoint was due.
  @Test func `a reader that fails leaves no chunk in work`() throws {
    let (board, coordinator) = try board(BarrenSource(isCaughtUp: nil))
    #expect(throws: Failure.self) {
      try board.next(into: PaddedBuffer(capacity: 0), targetBytes: 1, last: nil) { step in
        coordinator.withLock { _ = $0.take(step) }
      }
    }
    let state = board.whileIdle { coordinator.withLock { $0.state } }
    #expect(state.splits.map(\.hasEnded) == [false])
  }

  @Test(arguments: [true, false])
  func `a split is caught up when its reader says so, and not when it finds nothing`(
    _ isCaughtUp: Bool
  ) throws {
    let (board, coordinator) = try board(BarrenSource(isCaughtUp: isCaughtUp))
    let lease = try board.next(into: PaddedBuffer(capacity: 0), targetBytes: 1, last: nil) { step in
      coordinator.withLock { _ = $0.take(step) }
      board.stop()
    }
    #expect(lease == nil)
    let state = board.whileIdle { coordinator.withLock { $0.state } }
    #expect(state.splits.map(\.isCaughtUp) == [isCaughtUp])
  }
}
