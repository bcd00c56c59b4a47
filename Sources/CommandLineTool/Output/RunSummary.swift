import Dataflow
import EventTime
import Formats
import Foundation
import Snapshots

/// What a run did, for people and for machines.
struct RunSummary {
  let report: RunReport
  let plan: JobPlan
  let directory: String
  let seconds: Double
  /// Rows that earlier runs had read.
  var resumedRowCount = 0

  var text: String {
    get throws {
      let total = report.total
      let rate = Double(total.read - resumedRowCount) / max(seconds, 1e-9)
      var lines = [
        "\(total.read.grouped) rows in \(format(seconds)) s (\(Int(rate).grouped) rows/s), "
          + "\(report.paneCount.grouped) panes published to \(directory)",
        "",
        ledger,
      ]
      lines += refusals
      if plan.pipeline.eventTime.keepsLateRows && total.late > 0 {
        lines.append("\nlate rows are in \(directory)/late_rows")
      }
      if report.isDrained {
        lines.append("\ndrained: every window is closed and published; the run is over")
      }
      if !report.isComplete {
        let open = "\(report.openWindowCount) open windows"
        lines.append(
          plan.configuration.checkpoints.map {
            "\nstopped: \(open) are in the checkpoint in \($0.directory); run it again to go on"
          } ?? "\nstopped before the end: \(open) were not published")
      }
      return lines.joined(separator: "\n")
    }
  }

  var json: String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("is_complete")
    writer.value(report.isComplete)
    if report.isDrained {
      writer.key("is_drained")
      writer.value(true)
    }
    writer.key("seconds")
    writer.value(seconds)
    writer.key("panes")
    writer.value(report.paneCount)
    writer.key("bytes")
    writer.value(report.byteCount)
    writer.key("directory")
    writer.value(directory)
    writer.key("ledger")
    writer.write(report.total)
    writer.key("splits")
    writer.beginObject()
    for split in report.splits {
      writer.key(split.name)
      writer.write(split.ledger)
    }
    writer.endObject()
    writer.key("refused")
    writer.beginArray()
    for (index, (stage, windows)) in zip(plan.configuration.stages, report.refused).enumerated() {
      writer.beginObject()
      writer.key("stage")
      writer.value(stage.title)
      writer.key("rows")
      writer.value(windows.values.reduce(0, +))
      writer.key("windows")
      write(windows, &writer)
      writer.key("splits")
      writer.beginObject()
      for (split, stages) in zip(report.splits, report.refusedBySplit)
      where index < stages.count && !stages[index].isEmpty {
        writer.key(split.name)
        write(stages[index], &writer)
      }
      writer.endObject()
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    return writer.text
  }

  private func write(_ windows: [Window: Int], _ writer: inout JSONWriter) {
    writer.beginObject()
    for (window, rows) in windows.sorted(by: { $0.key < $1.key }) {
      writer.key(window.description)
      writer.value(rows)
    }
    writer.endObject()
  }

  private var ledger: String {
    // What only a label join counts is shown for these alone.
    let fates: [(String, KeyPath<Ledger, Int>)] =
      plan.pipeline.join == nil
      ? [
        ("read", \.read), ("aggregated", \.aggregated), ("filtered", \.filtered), ("late", \.late),
        ("quarantined", \.quarantined),
      ]
      : [
        ("read", \.read), ("labelled", \.aggregated), ("joined", \.emitted),
        ("unmatched", \.unmatched), ("duplicate", \.duplicate), ("filtered", \.filtered),
        ("late", \.late), ("quarantined", \.quarantined), ("waiting", \.held),
      ]
    var table = Table([("ledger", .left)] + fates.map { ($0.0, .right) } + [("", .left)])
    func add(_ name: String, _ ledger: Ledger) {
      let balance =
        (ledger.isBalanced ? "balanced" : "DOES NOT BALANCE")
        + (ledger.gone > 0 ? ", \(ledger.gone.grouped) gone" : "")
      table.add([name] + fates.map { ledger[keyPath: $0.1].grouped } + [balance])
    }
    if report.splits.count <= 20 {
      for split in report.splits { add(split.name, split.ledger) }
    }
    if report.splits.count != 1 { add("\(report.splits.count) splits", report.total) }
    return table.text
  }

  /// Rows that a stage refused although another may have taken them.
  private var refusals: [String] {
    let counts = zip(plan.configuration.stages, report.refused).compactMap { stage, windows in
      let rows = windows.values.reduce(0, +)
      return rows == 0
        ? nil
        : "  \(stage.title): \(rows.grouped) rows came after their window had closed "
          + "(\(windows.count.grouped) windows)"
    }
    return counts.isEmpty ? [] : [""] + counts
  }

  private func format(_ seconds: Double) -> String {
    String(format: seconds < 10 ? "%.2f" : "%.1f", seconds)
  }
}
