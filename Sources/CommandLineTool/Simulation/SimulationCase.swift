import EventTime

/// Events, and what the pane machine is expected to make of them; times have no unit.
struct SimulationCase {
  struct Row {
    var value: Int
    var time: Timestamp
  }

  enum Event {
    case rows([Row])
    case watermark(Timestamp)
    case processingTime(Timestamp)
  }

  struct Step {
    var event: Event
    /// The event as the file writes it.
    var text: String
    /// The panes it must fire, and no others; `nil` where the file says nothing.
    var panes: [PaneExpectation]?
    /// The hold after it.
    var hold = HoldExpectation.any
  }

  enum HoldExpectation: Hashable {
    case any
    case exactly(Int64?)
  }

  var name: String
  /// The strategy as the file writes it.
  var summary: String
  var strategy: WindowingStrategy
  var steps: [Step]
  /// The complaint that a case made to be wrong must draw.
  var complaint: String?

  /// Whether the file says what must fire; else the case is only shown.
  var hasExpectations: Bool { complaint != nil || steps.contains { $0.panes != nil } }
}

/// What is expected of one pane; `nil` where nothing is.
struct PaneExpectation {
  /// The first and the last instant.
  var window: ClosedRange<Int64>?
  var values: [Int]?
  var timestamp: Int64?
  var timing: PaneTiming?
  var isEarly: Bool?
  var isLate: Bool?
  var index: Int?
  /// −1 for an early pane.
  var nonSpeculativeIndex: Int?
  var isFirst: Bool?
  var isLast: Bool?
  /// As the file writes it.
  var text = ""

  func matches(_ pane: ShownPane) -> Bool {
    func agrees<Value: Equatable>(_ expected: Value?, _ found: Value) -> Bool {
      expected.map { $0 == found } ?? true
    }
    let info = pane.info
    return agrees(window, pane.instants) && agrees(values?.sorted(), pane.values)
      && agrees(timestamp, SimulatedTime.number(pane.timestamp)) && agrees(timing, info.timing)
      && agrees(isEarly, info.timing == .early) && agrees(isLate, info.timing == .late)
      && agrees(index, info.index) && agrees(nonSpeculativeIndex, info.nonSpeculativeIndex ?? -1)
      && agrees(isFirst, info.isFirst) && agrees(isLast, info.isLast)
  }
}

/// A pane that has fired, with what it holds.
struct ShownPane: CustomStringConvertible {
  var window: Window
  /// Sorted.
  var values: [Int]
  var timestamp: Timestamp
  var info: PaneInfo
  /// What it takes back, if panes retract.
  var retracted: [PaneReference] = []

  var instants: ClosedRange<Int64> {
    window.start.microseconds...window.maxTimestamp.microseconds
  }

  var description: String {
    let index = info.nonSpeculativeIndex.map { "\(info.index)/\($0)" } ?? "\(info.index)"
    let replaced = retracted.map { "\(Self.bounds($0.window)) \($0.index)" }
    return
      "\(Self.bounds(window)) \(values) at \(SimulatedTime.number(timestamp)), \(info.timing.rawValue) "
      + index + (info.isFirst ? ", first" : "") + (info.isLast ? ", last" : "")
      + (replaced.isEmpty ? "" : ", takes back \(replaced.joined(separator: " and "))")
  }

  private static func bounds(_ window: Window) -> String {
    window == .global
      ? "global" : "[\(window.start.microseconds), \(window.end.microseconds))"
  }
}

/// Times of cases, which are our microseconds.
enum SimulatedTime {
  /// The last instant of the global window, which in Beam is in milliseconds.
  private static let endOfGlobalWindow: Int64 = 9_223_371_950_454_775

  static func number(_ time: Timestamp) -> Int64 {
    time == Window.global.maxTimestamp ? endOfGlobalWindow : time.microseconds
  }
}
