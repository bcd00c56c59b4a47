import Foundation
import Testing

@testable import EventTime

@Suite struct PackedTests {
  private struct Holder: Hashable, Codable {
    @Packed var entries: [PaneMachine.State.Entry]
    @Packed var windows: [Window]
  }

  private struct Unpacked: Codable {
    var entries: [PaneMachine.State.Entry]
    var windows: [Window]
  }

  private static func time(_ generator: inout some RandomNumberGenerator) -> Timestamp {
    [.distantPast, .distantFuture, Timestamp(microseconds: .random(in: -9...9, using: &generator))]
      .randomElement(using: &generator) ?? .distantPast
  }

  private static func window(_ generator: inout some RandomNumberGenerator) -> Window {
    let start = Int64.random(in: -1_000_000...1_000_000, using: &generator)
    let some = Window(
      start: Timestamp(microseconds: start), end: Timestamp(microseconds: start + 5))
    return [some, Window(start: .distantPast, end: .distantFuture)]
      .randomElement(using: &generator) ?? some
  }

  private static func entry(
    _ generator: inout some RandomNumberGenerator
  ) -> PaneMachine.State.Entry {
    func maybe<Value>(_ value: Value) -> Value? {
      Bool.random(using: &generator) ? value : nil
    }
    let slots: [TriggerState.Slot] = [
      .rows(.random(in: 0...1000, using: &generator)), .fireAfter(nil),
      .fireAfter(time(&generator)),
    ]
    var state = WindowState(
      trigger: TriggerState(slots: Array(slots.shuffled(using: &generator).prefix(2))))
    state.trigger.finished = .random(in: 0 ... .max, using: &generator)
    state.rows = .random(in: 0...(1 << 40), using: &generator)
    state.elementHold = maybe(time(&generator))
    state.closingHold = maybe(time(&generator))
    state.eventTimer = maybe(time(&generator))
    state.processingTimer = maybe(time(&generator))
    let timings: [PaneTiming] = [.early, .onTime, .late]
    state.lastPane = maybe(
      PaneInfo(
        index: .random(in: 0...9, using: &generator), nonSpeculativeIndex: maybe(3),
        timing: timings.randomElement(using: &generator) ?? .early,
        isFirst: .random(using: &generator), isLast: .random(using: &generator)))
    state.mergedFrom = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
      window(&generator)
    }
    state.supersedes = (0..<Int.random(in: 0...2, using: &generator)).map {
      PaneReference(window: window(&generator), index: $0)
    }
    return PaneMachine.State.Entry(window: window(&generator), state: state)
  }

  private static func holder(_ generator: inout some RandomNumberGenerator) -> Holder {
    Holder(
      entries: (0..<Int.random(in: 0...5, using: &generator)).map { _ in entry(&generator) },
      windows: (0..<Int.random(in: 0...5, using: &generator)).map { _ in window(&generator) })
  }

  @Test func `what is packed comes back, and lists of whole values are read too`() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      let holder = Self.holder(&generator)
      let packed = try JSONEncoder().encode(holder)
      #expect(try JSONDecoder().decode(Holder.self, from: packed) == holder)
      let unpacked = try JSONEncoder().encode(
        Unpacked(entries: holder.entries, windows: holder.windows))
      #expect(try JSONDecoder().decode(Holder.self, from: unpacked) == holder)
    }
  }

  @Test func `numbers that end in the middle are an error`() throws {
    var generator = SystemRandomNumberGenerator()
    let numbers = try JSONEncoder().encode(
      Holder(entries: [Self.entry(&generator)], windows: []))
    let text = String(decoding: numbers, as: UTF8.self)
    let start = try #require(text.firstRange(of: "\"entries\":["))
    let list = text[start.upperBound...].prefix { $0 != "]" }.split(separator: ",")
    for count in 1..<list.count {
      let cut = "{\"entries\":[\(list.prefix(count).joined(separator: ","))],\"windows\":[]}"
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(Holder.self, from: Data(cut.utf8))
      }
    }
  }
}
