import Dataflow
import EventTime
import FileIO
import Runtime
import Snapshots

@testable import CommandLineTool

/// A job run to its end, by the window and stage.
struct EngineRun {
  struct Settings: CustomStringConvertible, Sendable {
    var workers: Int
    var batchRows: Int
    var chunkBytes: Int

    var description: String { "\(workers) workers, \(batchRows) rows, \(chunkBytes) bytes" }
  }

  let plan: JobPlan
  let contents: CollectingSink.Contents
  /// In order of firing.
  let panes: [NaiveFates.Place: [FiredPane]]

  init(_ plan: JobPlan, _ settings: Settings) throws {
    let sink = CollectingSink()
    let runner = try Runner(
      plan.pipeline, source: plan.source, sink: sink,
      options: RunOptions(
        workers: settings.workers, batchRows: settings.batchRows,
        chunkBytes: settings.chunkBytes))
    _ = try runner.run()
    self.init(plan, sink.contents)
  }

  init(_ plan: JobPlan, _ contents: CollectingSink.Contents) {
    self.plan = plan
    self.contents = contents
    panes = Dictionary(grouping: contents.panes) { pane in
      NaiveFates.Place(stage: pane.stage, start: pane.window.start.microseconds / 1000)
    }
  }

  static func plan(_ yaml: String, at path: String) throws -> JobPlan {
    let root = try ConfigurationFile.read(path, environment: [:])
    return try JobPlanner(configuration: try JobParser.parse(root)).plan()
  }

  /// The payload files of each window when it has closed.
  func finals() throws -> [NaiveFates.Place: [String: [UInt8]]] {
    try panes.reduce(into: [:]) { result, entry in
      let isDiscarding =
        plan.pipeline.stages[entry.key.stage].windowing.accumulation == .discarding
      guard var content = isDiscarding ? entry.value.first?.content : entry.value.last?.content
      else { return }
      if isDiscarding { for pane in entry.value.dropFirst() { content.merge(pane.content) } }
      result[entry.key] = try payload(content, stage: entry.key.stage)
    }
  }

  func payload(_ content: PaneContent, stage: Int) throws -> [String: [UInt8]] {
    try plan.outputs[stage].makePayload(content, .global).files
  }

  /// The ledgers, by the order of the files.
  var ledgers: [Ledger] {
    let byName = Dictionary(
      uniqueKeysWithValues: (contents.report?.splits ?? []).map { ($0.name, $0.ledger) })
    return plan.splits.map { byName[$0] ?? Ledger() }
  }

  var refused: [NaiveFates.Place: Int] {
    var result: [NaiveFates.Place: Int] = [:]
    for (stage, windows) in (contents.report?.refused ?? []).enumerated() {
      for (window, rows) in windows {
        let start = window.start.microseconds / 1000
        result[NaiveFates.Place(stage: stage, start: start)] = rows
      }
    }
    return result
  }
}
