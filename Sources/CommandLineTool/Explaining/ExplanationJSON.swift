import Dataflow
import EventTime
import Formats
import Runtime
import Snapshots

/// Where a run stands, for machines.
struct ExplanationJSON {
  private var writer = JSONWriter(style: .indented)

  init(_ explanation: RunExplanation, number: Int, window: String?) {
    writer.beginObject()
    writer.member("checkpoint", number)
    writer.key("is_complete")
    writer.value(explanation.isComplete)
    if explanation.isDrained {
      writer.key("is_drained")
      writer.value(true)
    }
    member("time", explanation.time)
    member("watermark", explanation.watermark)
    if let since = explanation.watermarkSince { member("watermark_since", since) }
    writer.key("held_by")
    if let holder = explanation.holder {
      writer.value(explanation.splits[holder].name)
    } else {
      writer.null()
    }
    writer.member("panes", explanation.paneCount)
    writer.key("splits")
    writer.beginArray()
    for split in explanation.splits { write(split) }
    writer.endArray()
    writer.key("stages")
    writer.beginArray()
    for stage in explanation.stages {
      writer.beginObject()
      writer.member("kind", stage.kind.rawValue)
      writer.member("stage", stage.name)
      writer.key("windows")
      writer.beginArray()
      for open in stage.windows where open.isNamed(window) { write(open) }
      writer.endArray()
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
  }

  var text: String { writer.text }

  private mutating func write(_ split: RunExplanation.Split) {
    writer.beginObject()
    writer.member("split", split.name)
    writer.member("status", split.status.rawValue)
    writer.key("holds")
    writer.value(split.holds)
    member("watermark", split.watermark)
    if let time = split.lastDelivery { member("last_delivery", time) }
    writer.member("offset", split.offset)
    writer.key("ledger")
    writer.write(split.ledger)
    writer.endObject()
  }

  private mutating func write(_ window: RunExplanation.Window) {
    writer.beginObject()
    writer.member("window", window.window.description)
    if !window.key.isEmpty {
      writer.key("key")
      writer.value(window.key.map(\.text))
    }
    writer.member("rows_waiting", window.rowsWaiting)
    writer.member("rows_behind", window.rowsBehind)
    writer.key("last_pane")
    if let pane = window.lastPane { writer.value(pane.index) } else { writer.null() }
    writer.member("fires_at", window.firesWhen)
    member("closes_at", window.closingTime)
    writer.endObject()
  }

  private mutating func member(_ name: String, _ time: Timestamp) {
    writer.member(name, CheckpointInspectCommand.name(of: time))
  }
}
