import Dataflow
import EventTime
import Formats
import Snapshots

extension ReportData {
  /// What each gate said of each window, the newest first, and the checks of the newest.
  var verdicts: HTML {
    let gated = panes.filter { $0.manifest.verdict != nil }
    guard !gated.isEmpty else { return "" }
    let failed = gated.count { $0.manifest.verdict == "fail" }
    let undecided = gated.count { $0.manifest.verdict == "undecided" }
    let rows = gated.reversed().prefix(Self.windowLimit).html { entry in
      let manifest = entry.manifest
      return """
        <tr><td>\(Self.badge(manifest.verdict ?? ""))</td>\
        <td>\(manifest.kind.rawValue) \(manifest.stage)</td><td>\(manifest.window.description)</td>\
        <td class='n'>\(manifest.pane.index)</td></tr>
        """
    }
    return """
      <section id='gates'><h2>Gates</h2>
      <p>\(gated.count - failed - undecided) pass, \(failed) fail, \(undecided) undecided \
      (undecided is not a pass).</p>
      \(evaluations.html { $0.checks })
      <div class='wide'><table><thead><tr><th>Verdict</th><th>Stage</th><th>Window</th>\
      <th class='n'>Pane</th></tr></thead><tbody>\(rows)</tbody></table></div></section>

      """
  }

  /// A verdict in a word and a sign.
  static func badge(_ verdict: String) -> HTML {
    let sign = ["pass": "✓", "fail": "✗"][verdict] ?? "?"
    return "<span class='badge \(verdict)'>\(sign) \(verdict)</span>"
  }
}

extension ReportData.Evaluation {
  /// The checks of the newest window, those that do not pass first.
  fileprivate var checks: HTML {
    guard let checks = validation?["checks"]?.array, !checks.isEmpty else { return "" }
    let order = ["fail": 0, "undecided": 1]
    let sorted = checks.enumerated().sorted { one, two in
      let first = order[one.element["verdict"]?.string ?? ""] ?? 2
      let second = order[two.element["verdict"]?.string ?? ""] ?? 2
      return (first, one.offset) < (second, two.offset)
    }
    let rows = sorted.prefix(500).html { row($0.element) }
    return """
      <h3>\(newest.name)</h3>
      <div class='wide'><table class='sortable'><thead><tr><th>Verdict</th><th>Metric</th>\
      <th>Slice</th><th class='n'>Value</th><th>Must be</th><th class='n'>Rows</th><th>Why</th></tr>\
      </thead><tbody>\(rows)</tbody></table></div>

      """
  }

  private func row(_ check: JSONValue) -> HTML {
    let model = check["model"]?.string ?? ""
    var value = check["value"]?.number.map { shown($0) } ?? "–"
    if let interval = check["interval"]?.array?.compactMap(\.number), interval.count == 2 {
      value += " (\(shown(interval[0])) … \(shown(interval[1])))"
    }
    let low = check["lower_bound"]?.number ?? check["change"]?["lowest"]?.number
    let high = check["upper_bound"]?.number ?? check["change"]?["highest"]?.number
    let limits = [low.map { "≥ \(shown($0))" }, high.map { "≤ \(shown($0))" }].compactMap { $0 }
    let change = check["change"] == nil ? "" : " (change)"
    let reason = check["reason"]?.string ?? ""
    return """
      <tr><td>\(ReportData.badge(check["verdict"]?.string ?? ""))</td>\
      <td>\(check["metric"]?.string ?? "")\(model.isEmpty ? "" : ", \(model)")</td>\
      <td>\(check["slice"]?.object.map(MetricLine.text) ?? "")</td><td class='n'>\(value)</td>\
      <td>\(limits.joined(separator: ", "))\(change)</td>\
      <td class='n'>\(Int(check["examples"]?.integer ?? 0))</td><td>\(reason)</td></tr>
      """
  }
}
