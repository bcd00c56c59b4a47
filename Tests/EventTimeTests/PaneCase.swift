import EventTime
import Foundation

/// One line of `Fixtures/beam/pane-cases.jsonl`: what Beam's `ReduceFnRunner` did.
struct PaneCase: Decodable, Sendable, CustomStringConvertible {
  struct Configuration: Decodable {
    var window: String
    var trigger: String
    var mode: String
    var lateness: String
    var combiner: String
    var closing: String
    var ontime: String
  }

  struct Step: Decodable {
    var panes: [Pane]
    var hold: Int64?
  }

  struct Pane: Decodable, Hashable, Comparable {
    var window: Bounds
    var values: [Int]
    var ts: Int64
    var timing: String
    var index: Int
    var nonspec: Int
    var first: Bool
    var last: Bool

    static func < (lhs: Pane, rhs: Pane) -> Bool {
      (lhs.window.start, lhs.window.end, lhs.index) < (rhs.window.start, rhs.window.end, rhs.index)
    }
  }

  struct Bounds: Decodable, Hashable {
    var start: Int64
    var end: Int64

    init(_ window: Window) {
      start = window.start.microseconds
      end = window.end.microseconds
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let pair = try? container.decode([Int64].self) {
        start = pair[0]
        end = pair[1]
      } else {
        start = Window.global.start.microseconds
        end = Window.global.end.microseconds
      }
    }
  }

  /// The last instant of Beam's global window, in milliseconds; ours is in microseconds.
  static let endOfGlobalWindow: Int64 = 9_223_371_950_454_775

  var id: Int
  var config: Configuration
  var events: [String]
  var expect: [Step]

  var description: String { "case \(id)" }

  static func load() throws -> [PaneCase] {
    let decoder = JSONDecoder()
    return try String(contentsOf: Fixtures.beam("pane-cases.jsonl"), encoding: .utf8)
      .split(separator: "\n").map { try decoder.decode(PaneCase.self, from: Data($0.utf8)) }
  }
}

enum Fixtures {
  static func beam(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/beam").appendingPathComponent(name)
  }
}

extension PaneCase.Configuration {
  var strategy: WindowingStrategy {
    var parser = TriggerExpression(trigger)
    return WindowingStrategy(
      windowFn: windowFn, trigger: parser.trigger() ?? .never,
      allowedLateness: .microseconds(Int64(lateness) ?? 0),
      accumulation: mode == "discarding" ? .discarding : .accumulating,
      timestampCombiner: combiner == "eow"
        ? .endOfWindow : combiner == "earliest" ? .earliest : .latest,
      closingBehavior: closing == "always" ? .always : .nonEmpty,
      onTimeBehavior: ontime == "always" ? .always : .nonEmpty)
  }

  private var windowFn: any WindowFn {
    let parts = window.split(separator: " ")
    func interval(_ index: Int) -> Interval {
      .microseconds(index < parts.count ? Int64(parts[index]) ?? 0 : 0)
    }
    switch parts[0] {
    case "fixed": return FixedWindows(size: interval(1), offset: interval(2))
    case "sliding":
      return SlidingWindows(size: interval(1), period: interval(2), offset: interval(3))
    case "sessions": return Sessions(gap: interval(1))
    default: return GlobalWindows()
    }
  }
}

/// Reads triggers written as s-expressions: `(repeat (any (count 2) (proc 5)))`.
private struct TriggerExpression {
  var tokens: ArraySlice<String>

  init(_ text: String) {
    let spaced = text.replacing("(", with: " ( ").replacing(")", with: " ) ")
    tokens = spaced.split(separator: " ").map(String.init)[...]
  }

  /// The next trigger; `nil` at a closing parenthesis.
  mutating func trigger() -> Trigger? {
    guard tokens.first == "(" else { return nil }
    tokens.removeFirst()
    let name = tokens.removeFirst()
    var number: Int64 = 0
    if let value = tokens.first.flatMap(Int64.init) {
      number = value
      tokens.removeFirst()
    }
    var parts: [Trigger] = []
    while let part = trigger() { parts.append(part) }
    precondition(tokens.removeFirst() == ")", "unbalanced parentheses")
    return make(name, number, parts)
  }

  private func make(_ name: String, _ number: Int64, _ parts: [Trigger]) -> Trigger {
    switch name {
    case "default": .default
    case "eow":
      .afterWatermark(
        early: parts.first == .never ? nil : parts.first, late: parts.count > 1 ? parts[1] : nil)
    case "count": .afterCount(Int(number))
    case "proc": .afterProcessingTime(delay: .microseconds(number))
    case "repeat": .repeatedly(parts[0])
    case "each": .afterEach(parts)
    case "any": .afterAny(parts)
    case "all": .afterAll(parts)
    case "orfinally": .orFinally(parts[0], until: parts[1])
    case "never": .never
    default: preconditionFailure("no trigger is called \(name)")
    }
  }
}
