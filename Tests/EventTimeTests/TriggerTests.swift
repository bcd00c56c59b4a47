import EventTime
import Foundation
import Testing

@Suite struct TriggerTests {
  static let delay = Trigger.afterProcessingTime(delay: .seconds(1))

  @Test(
    arguments: [
      (.default, false), (.never, false), (.always, false), (.afterCount(1), true), (delay, true),
      (.afterWatermark(), true), (.afterWatermark(early: delay), true),
      (.afterWatermark(late: .afterCount(1)), false), (.repeatedly(delay), false),
      (.afterAll([.afterCount(1), .default]), false),
      (.afterAny([.afterCount(1), .default]), true),
      (.afterEach([.afterCount(1), .repeatedly(delay)]), false),
      (.orFinally(.repeatedly(delay), until: .afterCount(9)), true),
    ] as [(Trigger, Bool)])
  func `a trigger may finish if nothing in it goes on for ever`(trigger: Trigger, may: Bool) {
    #expect(trigger.mayFinish == may)
  }

  @Test func `rows may be lost if the trigger can finish before the window closes`() {
    func mayLose(_ trigger: Trigger, _ lateness: Interval) -> Bool {
      WindowingStrategy(
        windowFn: GlobalWindows(), trigger: trigger, allowedLateness: lateness
      ).mayLoseRows
    }
    #expect(!mayLose(.afterWatermark(early: Self.delay), .zero))
    #expect(mayLose(.afterWatermark(early: Self.delay), .seconds(1)))
    #expect(mayLose(.afterCount(1), .zero))
    #expect(!mayLose(.default, .seconds(1)))
  }

  @Test(
    arguments: [
      (.afterCount(5), "afterCount(1)"), (delay, "afterProcessingTime(0s)"),
      (
        .afterWatermark(early: delay, late: .afterCount(3)),
        "afterWatermark(early: afterProcessingTime(0s), late: afterCount(1))"
      ),
      (
        .afterEach([.afterCount(2), .default]), "repeatedly(afterAny(afterCount(1), default))"
      ),
      (
        .orFinally(.never, until: .afterCount(2)), "repeatedly(afterAny(never, afterCount(1)))"
      ),
      (
        .repeatedly(.afterAll([.afterCount(2), delay])),
        "repeatedly(afterAll(afterCount(1), afterProcessingTime(0s)))"
      ),
    ] as [(Trigger, String)])
  func `a continuation lets through what came through before`(trigger: Trigger, text: String) {
    #expect(trigger.continuation.description == text)
  }

  @Test func `triggers survive encoding`() throws {
    let trigger = Trigger.orFinally(
      .repeatedly(
        .afterAny([
          .afterProcessingTime(delay: .seconds(1), alignment: .init(period: .minutes(1))),
          .afterAll([.afterCount(3), .default]),
        ])), until: .afterEach([.afterWatermark(late: .always), .never]))
    let bytes = try JSONEncoder().encode(trigger)
    #expect(try JSONDecoder().decode(Trigger.self, from: bytes) == trigger)
  }
}
