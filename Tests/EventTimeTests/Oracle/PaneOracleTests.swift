import DataflowTesting
import EventTime
import Foundation
import Testing

/// The machine against its naive twin, which is itself held to Beam's cases.
@Suite struct PaneOracleTests {
  @Test func `the oracle gives the panes and holds of Beam's ReduceFnRunner`() throws {
    var wrong: [String] = []
    for paneCase in try PaneCase.load() {
      var oracle = PaneOracle(paneCase.config.strategy)
      for (index, event) in paneCase.events.enumerated() {
        let panes = oracle.panes(of: PaneOracle.Event(event)).map(PaneCase.Pane.init).sorted()
        let expected = paneCase.expect[index]
        guard panes == expected.panes.sorted(),
          oracle.hold.map(PaneCase.beamTime) == expected.hold
        else {
          wrong.append(
            """
            \(paneCase) \(paneCase.config) after \(paneCase.events[...index])
              expected \(expected.panes.sorted().map(\.text)) hold \(expected.hold ?? -1)
                   got \(panes.map(\.text)) hold \(oracle.hold.map(PaneCase.beamTime) ?? -1)
            """)
          break
        }
      }
    }
    #expect(wrong.isEmpty, "\(wrong.count) differ:\n\(wrong.prefix(5).joined(separator: "\n"))")
  }

  /// `LIMNO_PANE_STREAMS=100000` for a long run, `LIMNO_SEED` for one stream or another start.
  @Test func `the machine gives the oracle's panes for random streams`() {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["LIMNO_PANE_STREAMS"].flatMap { UInt64($0) } ?? 2000
    let first = environment["LIMNO_SEED"].flatMap { UInt64($0) } ?? 1
    var coverage = Coverage()
    for seed in first..<first + count {
      guard let difference = Self.firstDifference(RandomStream(seed: seed), &coverage) else {
        continue
      }
      Issue.record("seed \(seed): \(difference)")
      return
    }
    // A test that cannot fail is none: what the streams are for must have happened.
    let panesExpected = Int(count) * 2
    #expect(coverage.paneCount > panesExpected && coverage.latePaneCount > Int(count) / 10)
    #expect(coverage.replacedCount > Int(count) / 10 && coverage.mergedCount > Int(count) / 20)
  }

  private struct Coverage {
    var paneCount = 0
    var latePaneCount = 0
    /// Panes that replace others.
    var replacedCount = 0
    /// Those that replace panes of other windows.
    var mergedCount = 0
  }

  private static func firstDifference(
    _ stream: RandomStream, _ coverage: inout Coverage
  ) -> String? {
    var oracle = PaneOracle(stream.strategy)
    var simulation = PaneSimulation(stream.strategy)
    var books = RetractionBooks()
    for (index, event) in stream.events.enumerated() {
      let expected = oracle.panes(of: event)
      let firings = simulation.perform(event)
      let found = simulation.apply(firings).compactMap(PaneOracle.Pane.init)
      guard found.sorted() == expected.sorted(), simulation.machine.hold == oracle.hold,
        simulation.machine.expiredRowCount == oracle.expiredCount,
        simulation.machine.finishedRowCount == oracle.finishedCount
      else {
        return """
          \(stream.strategy)
          after \(stream.events[...index].map(\.text))
            expected \(expected.sorted().map(\.text)) hold \(oracle.hold.map(\.text) ?? "none") \
          expired \(oracle.expiredCount) finished \(oracle.finishedCount)
                 got \(found.sorted().map(\.text)) hold \
          \(simulation.machine.hold.map(\.text) ?? "none") \
          expired \(simulation.machine.expiredRowCount) \
          finished \(simulation.machine.finishedRowCount)
          """
      }
      if let error = books.enter(found, stream.strategy) { return "\(stream.strategy): \(error)" }
      for pane in found {
        coverage.paneCount += 1
        coverage.latePaneCount += pane.info.timing == .late ? 1 : 0
        coverage.replacedCount += pane.supersedes.isEmpty ? 0 : 1
        coverage.mergedCount += pane.supersedes.contains { $0.window != pane.window } ? 1 : 0
      }
    }
    return books.imbalance(stream, oracle).map { "\(stream.strategy): \($0)" }
  }
}

/// What a consumer that subtracts what each pane replaces ends up with.
private struct RetractionBooks {
  private var published: [PaneReference: [Int]] = [:]
  /// Value → how often it counts over all panes so far, less what was replaced.
  private var net: [Int: Int] = [:]

  mutating func enter(_ panes: [PaneOracle.Pane], _ strategy: WindowingStrategy) -> String? {
    for pane in panes {
      for value in pane.values { net[value, default: 0] += 1 }
      for replaced in pane.supersedes {
        // Each is replaced once at most.
        guard let values = published.removeValue(forKey: replaced) else {
          return "\(pane.text) replaces \(replaced), which is not there"
        }
        for value in values { net[value, default: 0] -= 1 }
      }
      published[PaneReference(window: pane.window, index: pane.info.index)] = pane.values
    }
    return nil
  }

  /// Where rows cannot be lost, every row that was taken counts once for each of its windows.
  func imbalance(_ stream: RandomStream, _ oracle: PaneOracle) -> String? {
    guard !stream.strategy.mayLoseRows, oracle.finishedCount == 0 else { return nil }
    let total = net.values.reduce(0, +)
    let rows = stream.events.reduce(0) { count, event in
      guard case .rows(let rows) = event else { return count }
      return count
        + rows.reduce(0) { $0 + stream.strategy.windowFn.windows(for: $1.time).count }
    }
    guard total == rows - oracle.expiredCount else {
      return "\(rows) rows less \(oracle.expiredCount) late ones, but the panes sum to \(total)"
    }
    return net.values.allSatisfy { $0 >= 0 } ? nil : "a row counts less than nothing: \(net)"
  }
}

extension PaneSimulation {
  mutating func perform(_ event: PaneOracle.Event) -> [PaneFiring] {
    switch event {
    case .rows(let rows):
      for row in rows { addRow(row.value, at: row.time) }
      return machine.fireDue()
    case .watermark(let time): return machine.advance(watermark: time)
    case .processingTime(let time): return machine.advance(processingTime: time)
    }
  }
}

extension PaneOracle.Event {
  /// An event as pane cases write it.
  init(_ text: String) {
    let parts = text.split(separator: " ")
    switch parts[0] {
    case "in":
      self = .rows(
        parts.dropFirst().map { part in
          let pair = part.split(separator: ":").compactMap { Int($0) }
          return (value: pair[1], time: Timestamp(microseconds: Int64(pair[0])))
        })
    case "pt": self = .processingTime(Timestamp(microseconds: Int64(parts[1]) ?? 0))
    default:
      self = .watermark(Int64(parts[1]).map(Timestamp.init(microseconds:)) ?? .distantFuture)
    }
  }

  var text: String {
    switch self {
    case .rows(let rows):
      "in " + rows.map { "\($0.time.text):\($0.value)" }.joined(separator: " ")
    case .watermark(let time): "wm \(time.text)"
    case .processingTime(let time): "pt \(time.text)"
    }
  }
}

extension Timestamp {
  fileprivate var text: String { self == .distantFuture ? "max" : "\(microseconds)" }
}

extension PaneOracle.Pane {
  fileprivate init?(_ shown: (firing: PaneFiring, values: [Int])) {
    guard let info = shown.firing.pane else { return nil }
    self.init(
      window: shown.firing.window, values: shown.values, info: info,
      timestamp: shown.firing.timestamp, supersedes: shown.firing.supersedes)
  }

  fileprivate var text: String {
    "\(PaneCase.Pane(self).text) replaces \(supersedes.map { "\($0.window) \($0.index)" })"
  }
}

extension PaneCase.Pane {
  init(_ pane: PaneOracle.Pane) {
    self.init(
      window: .init(pane.window), values: pane.values, ts: PaneCase.beamTime(pane.timestamp),
      timing: pane.info.timing.rawValue.uppercased(), index: pane.info.index,
      nonspec: pane.info.nonSpeculativeIndex ?? -1, first: pane.info.isFirst,
      last: pane.info.isLast)
  }
}
