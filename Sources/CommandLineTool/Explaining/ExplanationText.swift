import Dataflow
import EventTime
import Runtime

/// Where a run stands, for people.
struct ExplanationText {
  let explanation: RunExplanation
  let number: Int
  /// Only windows whose name or key begins so.
  let window: String?
  /// The most windows to show of a stage.
  let limit: Int

  init(_ explanation: RunExplanation, number: Int, window: String?, limit: Int) {
    self.explanation = explanation
    self.number = number
    self.window = window
    self.limit = limit
  }

  var text: String {
    var blocks = [head, splits]
    blocks += explanation.stages.map(stage)
    return blocks.joined(separator: "\n\n")
  }

  private var head: String {
    let state =
      explanation.isDrained
      ? ", the end of the run, which was drained"
      : explanation.isComplete ? ", the end of the run" : ""
    var lines = [
      "checkpoint  \(number)\(state), at \(name(explanation.time))",
      "published   \(explanation.paneCount.grouped) panes",
    ]
    var watermark = "watermark   \(name(explanation.watermark))"
    if let since = explanation.watermarkSince {
      watermark += ", there since \(name(since)) (\(age(of: since)))"
    }
    lines.append(watermark)
    lines.append("held by     " + holder)
    return lines.joined(separator: "\n")
  }

  private var holder: String {
    if explanation.isDrained { return "nothing: the run was drained" }
    guard let index = explanation.holder else {
      if explanation.isComplete { return "nothing: the input has ended" }
      return explanation.splits.isEmpty
        ? "nothing: there is no split yet"
        : "no split: all are idle, finished, or empty; it stays until rows come or close_after_idle"
    }
    let split = explanation.splits[index]
    let last = split.lastDelivery.map { "its last rows came \(age(of: $0)) before" }
    return "\(split.name): \(split.status.text), \(last ?? "no row of it has come")"
  }

  private var splits: String {
    var table = Table([
      ("split", .left), ("status", .left), ("holds", .left), ("its watermark", .left),
      ("last rows", .left), ("offset", .right), ("read", .right), ("late", .right),
    ])
    for split in explanation.splits {
      table.add([
        split.name, split.status.text, split.holds ? "yes" : "no", name(split.watermark),
        split.lastDelivery.map(name) ?? "never", split.offset.grouped,
        split.ledger.read.grouped, split.ledger.late.grouped,
      ])
    }
    return table.text
  }

  private func stage(_ stage: RunExplanation.Stage) -> String {
    let name = stage.name.isEmpty ? stage.kind.rawValue : "\(stage.kind.rawValue) \(stage.name)"
    let windows = stage.windows.filter { $0.isNamed(window) }
    let count = "\(windows.count.grouped) open window\(windows.count == 1 ? "" : "s")"
    let head = "\(name), \(WindowText.describe(stage.windowing)): \(count)"
    guard !windows.isEmpty else { return head }
    let hasKeys = windows.contains { !$0.key.isEmpty }
    var table = Table([
      ("window", .left), (hasKeys ? "key" : "", .left), ("rows waiting", .right),
      ("behind", .right), ("last pane", .left), ("fires at", .left), ("closes at watermark", .left),
    ])
    for window in windows.prefix(limit) {
      table.add([
        window.window.description, window.key.map(\.text).joined(separator: ", "),
        window.rowsWaiting.grouped, window.rowsBehind.grouped,
        window.lastPane.map { "\($0.index) \($0.timing.rawValue)" } ?? "none",
        window.firesWhen, self.name(window.closingTime),
      ])
    }
    var lines = [head, table.text]
    if windows.count > limit {
      lines.append("and \((windows.count - limit).grouped) more; --window shows some of them")
    }
    if window != nil, let first = windows.first { lines.append(missing(for: first)) }
    return lines.joined(separator: "\n")
  }

  /// What each split that holds the watermark still lacks for the end of `window`.
  private func missing(for window: RunExplanation.Window) -> String {
    let end = window.window.end
    guard explanation.watermark < end else {
      return "the watermark is past the end of \(window.window)"
    }
    let lacking = explanation.splits.filter { $0.holds && $0.watermark < end }.map { split in
      split.watermark == .distantPast
        ? "\(split.name): no row yet"
        : "\(split.name): \(Interval(microseconds: end.microseconds - split.watermark.microseconds))"
    }
    return "to the end of \(window.window): " + lacking.joined(separator: ", ")
  }

  private func name(_ time: Timestamp) -> String { CheckpointInspectCommand.name(of: time) }

  private func age(of time: Timestamp) -> String {
    let age = explanation.time.microseconds - time.microseconds
    return "\(Interval(microseconds: age / 1_000_000 * 1_000_000))"
  }
}

extension RunExplanation.Split.Status {
  fileprivate var text: String {
    switch self {
    case .reading: "reading"
    case .caughtUp: "caught up"
    case .idle: "idle"
    case .finished: "finished"
    }
  }
}

extension RunExplanation.Window {
  /// Whether its name, or the text of its key, begins with `prefix`.
  func isNamed(_ prefix: String?) -> Bool {
    guard let prefix else { return true }
    return window.description.hasPrefix(prefix)
      || (!key.isEmpty && key.map(\.text).joined(separator: ", ").hasPrefix(prefix))
  }
}
