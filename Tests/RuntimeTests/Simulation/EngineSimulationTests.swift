import Aggregation
import Dataflow
import DataflowTesting
import EventTime
import Foundation
import Testing

@testable import Runtime

/// Thousands of runs of the whole engine on one thread with a virtual clock.
@Suite struct EngineSimulationTests {
  /// `LIMNO_SIMULATIONS=100000` for a long run, `LIMNO_SEED` for one run or another start.
  @Test func `watermarks, fates and panes are those of the definitions`() throws {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["LIMNO_SIMULATIONS"].flatMap { UInt64($0) } ?? 300
    let first = environment["LIMNO_SEED"].flatMap { UInt64($0) } ?? 1
    var coverage = Coverage()
    for seed in first..<first + count {
      var run = try SimulatedRun(seed: seed)
      run.run()
      if let fault = run.fault ?? coverage.firstFault(in: run) {
        Issue.record("seed \(seed): \(fault)\n\(run.script.policy)\n\(run.script.windowings)")
        return
      }
    }
    guard count >= 300 else { return }
    #expect(coverage.late > 50 && coverage.behind > 50 && coverage.quarantined > 50)
    #expect(coverage.onTimePanes > 300 && coverage.otherPanes > 300)
  }

  private struct Coverage {
    var late = 0
    var behind = 0
    var quarantined = 0
    var onTimePanes = 0
    var otherPanes = 0

    /// What a run that has ended did against the definitions.
    mutating func firstFault(in run: SimulatedRun) -> String? {
      let ledgers = run.report.splits.map(\.ledger)
      guard ledgers == run.judge.ledgers else {
        return "ledgers \(ledgers), expected \(run.judge.ledgers)"
      }
      late += ledgers.reduce(0) { $0 + $1.late }
      quarantined += ledgers.reduce(0) { $0 + $1.quarantined }
      for fates in run.judge.fates() {
        let refused = run.report.refused[fates.index]
        guard refused == fates.refused else { return "refused \(refused), not \(fates.refused)" }
        let panes = Dictionary(
          grouping: run.panes.filter { $0.stage == fates.index }, by: \.window)
        guard Set(panes.keys) == Set(fates.windows.keys) else {
          return "windows \(panes.keys.sorted()), expected \(fates.windows.keys.sorted())"
        }
        for (window, rows) in fates.windows {
          let fault = firstFault(in: panes[window] ?? [], of: window, rows, fates.index, run)
          if let fault { return "stage \(fates.index), \(window): \(fault)" }
        }
      }
      return nil
    }

    private mutating func firstFault(
      in panes: [FiredPane], of window: Window, _ rows: [NaiveClockwork.Row], _ stage: Int,
      _ run: SimulatedRun
    ) -> String? {
      let windowing = run.script.windowings[stage]
      behind += rows.count { !$0.isOnTime }
      var total: PaneContent?
      for (position, pane) in panes.enumerated() {
        guard position == 0 || pane.pane.index > panes[position - 1].pane.index else {
          return "pane \(pane.pane.index) comes after \(panes[position - 1].pane.index)"
        }
        if windowing.accumulation != .discarding || total == nil {
          total = pane.content
        } else {
          total?.merge(pane.content)
        }
        guard pane.pane.timing == .onTime else {
          otherPanes += 1
          continue
        }
        onTimePanes += 1
        let onTime = rows.filter(\.isOnTime)
        if windowing.waitsForEnd, !pane.pane.isLast, !onTime.isEmpty, let total {
          let found = run.lines(total, stage)
          guard found == Self.lines(onTime) else {
            return "on time \(found), expected \(Self.lines(onTime))"
          }
        }
      }
      let found = total.map { run.lines($0, stage) } ?? ""
      return found == Self.lines(rows) ? nil : "in all \(found), expected \(Self.lines(rows))"
    }

    private static func lines(_ rows: [NaiveClockwork.Row]) -> String {
      Dictionary(grouping: rows, by: \.key).sorted { $0.key < $1.key }.map { key, rows in
        let total = rows.reduce(0) { $0 + $1.value }
        return "{\"key\":\(key),\"n\":\(rows.count),\"total\":\(total)}\n"
      }.joined()
    }
  }
}

extension SimulatedRun {
  func lines(_ content: PaneContent, _ stage: Int) -> String {
    String(decoding: stages[stage].finish(content).jsonLines().bytes, as: UTF8.self)
  }
}

extension WindowingStrategy {
  /// Whether nothing but the end of the window makes the pane on time.
  fileprivate var waitsForEnd: Bool {
    switch trigger {
    case .default, .afterWatermark: true
    default: false
    }
  }
}
