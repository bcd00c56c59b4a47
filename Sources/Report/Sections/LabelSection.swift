import Snapshots

extension ReportData.Evaluation {
  /// How far labels have come, window by window; empty unless predictions are joined with labels.
  var labels: HTML {
    let joined = windows.filter { $0.line("label_coverage", slice: "overall", model: "") != nil }
    guard !joined.isEmpty else { return "" }
    let rows = joined.html { window in
      func value(_ metric: String) -> Double {
        window.line(metric, slice: "overall", model: "")?.value ?? 0
      }
      let changes = window.changes.map {
        "\($0.sliceCount) slices, \($0.valueCount) values"
      }
      return """
        <tr><th scope='row'>\(window.name)</th><td class='n'>\(window.pane)</td>\
        <td>\(window.isLast ? "final" : "open")</td>\
        <td class='n'>\(Int(value("prediction_count")))</td>\
        <td class='n'>\(Int(value("label_count")))</td>\
        <td class='n'>\(shown(value("label_coverage")))</td><td>\(changes ?? "–")</td></tr>
        """
    }
    return """
      <section><h2>Labels</h2><p>How many predictions of each window have their labels, and what the \
      last pane changed.</p><div class='wide'><table class='sortable'><thead><tr><th>Window</th>\
      <th class='n'>Pane</th><th>State</th><th class='n'>Predictions</th><th class='n'>Labels</th>\
      <th class='n'>Coverage</th><th>Changed by the last pane</th></tr></thead>\
      <tbody>\(rows)</tbody></table></div></section>

      """
  }
}
