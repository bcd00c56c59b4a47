import EventTime
import FileIO
import Formats

/// Reads pane cases: one JSON object a line with `config`, `events` and, if panes are to be
/// compared, `expect`.
struct PaneCaseReader {
  /// The line, for messages.
  private let place: String
  private let value: JSONValue

  static func cases(_ path: String) throws -> [SimulationCase] {
    let lines = try FileSystem.contents(of: path)
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return try lines.enumerated().compactMap { index, line in
      guard line.contains(where: { $0 > 0x20 }) else { return nil }
      let place = "\(path):\(index + 1)"
      do {
        let value = try JSONValue(parsing: Array(line))
        return try PaneCaseReader(place: place, value: value).simulationCase()
      } catch let error as SimulationError {
        throw SimulationError(place: place, message: "\(error)")
      } catch {
        throw SimulationError(place: place, message: "\(error)")
      }
    }
  }

  private func simulationCase() throws -> SimulationCase {
    let name = value["id"]?.integer.map { "case \($0)" } ?? value["name"]?.string ?? place
    guard let config = value["config"] else { throw missing("config") }
    guard let events = value["events"]?.array else { throw missing("events") }
    var steps = try events.map { event in
      guard let text = event.string else { throw wrong("events: expected texts") }
      return SimulationCase.Step(event: try self.event(text), text: text)
    }
    if let expected = value["expect"]?.array {
      guard expected.count == steps.count else {
        throw wrong("\(steps.count) events and \(expected.count) expectations")
      }
      for (index, entry) in expected.enumerated() {
        steps[index].panes = try entry["panes"]?.array?.map(pane) ?? []
        steps[index].hold = .exactly(entry["hold"]?.integer)
      }
    }
    let summary = ["window", "trigger", "mode", "lateness"].compactMap { key in
      config[key]?.string.map { key == "lateness" ? "lateness \($0)" : $0 }
    }
    return SimulationCase(
      name: name, summary: summary.joined(separator: ", "), strategy: try strategy(config),
      steps: steps)
  }

  private func missing(_ key: String) -> SimulationError { wrong("'\(key)' is missing") }

  private func wrong(_ message: String) -> SimulationError {
    SimulationError(place: "pane case", message: message)
  }

  /// `pt T`, `wm T`, `wm max`, `in TIME:VALUE …`.
  private func event(_ text: String) throws -> SimulationCase.Event {
    let parts = text.split(separator: " ")
    func time(_ text: Substring) throws -> Timestamp {
      if text == "max" { return .distantFuture }
      guard let number = Int64(text) else { throw wrong("'\(text)' is not a time") }
      return Timestamp(microseconds: number)
    }
    switch (parts.first, parts.count) {
    case ("pt", 2): return .processingTime(try time(parts[1]))
    case ("wm", 2): return .watermark(try time(parts[1]))
    case ("in", _):
      return .rows(
        try parts.dropFirst().map { part in
          let pair = part.split(separator: ":")
          guard pair.count == 2, let value = Int(pair[1]) else {
            throw wrong("'\(part)' is not TIME:VALUE")
          }
          return SimulationCase.Row(value: value, time: try time(pair[0]))
        })
    default: throw wrong("no event is written '\(text)'; there are pt, wm and in")
    }
  }

  private func pane(_ value: JSONValue) throws -> PaneExpectation {
    var pane = PaneExpectation()
    if let bounds = value["window"]?.array, let start = bounds.first?.integer,
      let end = bounds.last?.integer, bounds.count == 2, start < end
    {
      pane.window = start...(end - 1)
    } else if value["window"] != nil {
      pane.window =
        Window.global.start.microseconds...Window.global.maxTimestamp.microseconds
    }
    pane.values = value["values"]?.array?.compactMap { $0.integer.map(Int.init) }
    pane.timestamp = value["ts"]?.integer
    pane.timing = try value["timing"]?.string.map { text in
      guard let timing = PaneTiming(rawValue: text.lowercased()) else {
        throw wrong("no timing is called '\(text)'")
      }
      return timing
    }
    pane.index = value["index"]?.integer.map(Int.init)
    pane.nonSpeculativeIndex = value["nonspec"]?.integer.map(Int.init)
    pane.isFirst = value["first"]?.bool
    pane.isLast = value["last"]?.bool
    var writer = JSONWriter()
    writer.value(value)
    pane.text = writer.text
    return pane
  }

  private func strategy(_ config: JSONValue) throws -> WindowingStrategy {
    func text(_ key: String, _ fallback: String) -> String {
      config[key]?.string ?? config[key]?.integer.map(String.init) ?? fallback
    }
    func choice<Value>(_ key: String, _ choices: [(String, Value)]) throws -> Value {
      let text = text(key, choices[0].0)
      guard let choice = choices.first(where: { $0.0 == text }) else {
        let names = choices.map(\.0).joined(separator: ", ")
        throw wrong("\(key): expected one of \(names), found '\(text)'")
      }
      return choice.1
    }
    guard let lateness = Int64(text("lateness", "0")), lateness >= 0 else {
      throw wrong("lateness: expected a number that is not negative")
    }
    return WindowingStrategy(
      windowFn: try windowFn(text("window", "global")),
      trigger: try TriggerExpression.trigger(text("trigger", "(default)")),
      allowedLateness: .microseconds(lateness),
      accumulation: try choice(
        "mode",
        [
          ("accumulating", .accumulating), ("discarding", .discarding), ("retracting", .retracting),
        ]),
      timestampCombiner: try choice(
        "combiner", [("eow", .endOfWindow), ("earliest", .earliest), ("latest", .latest)]),
      closingBehavior: try choice("closing", [("nonempty", .nonEmpty), ("always", .always)]),
      onTimeBehavior: try choice("ontime", [("always", .always), ("nonempty", .nonEmpty)]))
  }

  /// `fixed SIZE [OFFSET]`, `sliding SIZE PERIOD [OFFSET]`, `sessions GAP`, `global`.
  private func windowFn(_ text: String) throws -> any WindowFn {
    let parts = text.split(separator: " ")
    let numbers = parts.dropFirst().compactMap { Int64($0) }.map(Interval.microseconds)
    let isWhole = numbers.count == parts.count - 1 && numbers.prefix(1).allSatisfy { $0 > .zero }
    switch (parts.first, numbers.count) {
    case ("fixed", 1...2) where isWhole:
      return FixedWindows(size: numbers[0], offset: numbers.count > 1 ? numbers[1] : .zero)
    case ("sliding", 2...3) where isWhole && numbers[1] > .zero:
      return SlidingWindows(
        size: numbers[0], period: numbers[1], offset: numbers.count > 2 ? numbers[2] : .zero)
    case ("sessions", 1) where isWhole: return Sessions(gap: numbers[0])
    case ("global", 0): return GlobalWindows()
    default:
      throw wrong(
        "window: expected 'fixed SIZE [OFFSET]', 'sliding SIZE PERIOD [OFFSET]', 'sessions GAP' or "
          + "'global', found '\(text)'")
    }
  }
}
