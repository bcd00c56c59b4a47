import Formats

extension ReportData.Drift {
  /// The newest window that was compared, and the divergence of each feature from window to window.
  var html: HTML {
    guard let newest = windows.last(where: { $0.lines.contains { $0["p"] != nil } }) else {
      return ""
    }
    let bars = newest.lines.compactMap { line -> BarChart.Bar? in
      guard let js = line["statistics"]?["js"], let value = js["value"]?.number else { return nil }
      return .init(
        name: line["feature"]?.string ?? "", value: value, reference: js["by_chance"]?.number,
        note: line["alarm"]?.bool == true ? " ✗ alarm" : "")
    }
    let rows = newest.lines.html { line in
      let statistics = line["statistics"]
      let numbers = ["linf", "js", "psi", "ks", "wasserstein"].html { name in
        let found = statistics?[name]
        return """
          <td class='n'>\(found?["value"]?.number.map { shown($0) } ?? "–") \
          <small>\(found?["by_chance"]?.number.map { shown($0) } ?? "")</small></td>
          """
      }
      return """
        <tr><th scope='row'>\(line["feature"]?.string ?? "")</th>\
        <td>\(line["alarm"]?.bool == true ? ReportData.badge("fail") : ReportData.badge("pass"))</td>\
        <td class='n'>\(line["p_adjusted"]?.number.map { shown($0) } ?? "–")</td>\(numbers)</tr>
        """
    }
    return """
      <section><h2>Drift \(stage)</h2><p>\(newest.name). Small numbers and the line across a bar are \
      what chance gives at this number of rows.</p>
      <div class='charts'>\(BarChart(title: "Jensen–Shannon divergence", bars: bars).html)\(history)</div>
      <div class='wide'><table class='sortable'><thead><tr><th>Feature</th><th>Alarm</th>\
      <th class='n'>p, adjusted</th><th class='n'>L∞</th><th class='n'>JS</th><th class='n'>PSI</th>\
      <th class='n'>KS</th><th class='n'>Wasserstein</th></tr></thead><tbody>\(rows)</tbody></table>\
      </div></section>

      """
  }

  private var history: HTML {
    var features: [String] = []
    for line in windows.flatMap(\.lines) {
      if let name = line["feature"]?.string, !features.contains(name) { features.append(name) }
    }
    guard windows.count > 2 else { return "" }
    return Chart(
      title: "Divergence over windows", xLabel: "window", yLabel: "bits",
      series: features.prefix(6).map { feature in
        Chart.Series(
          name: feature,
          points: windows.enumerated().compactMap { index, window in
            let line = window.lines.first { $0["feature"]?.string == feature }
            return line?["statistics"]?["js"]?["value"]?.number.map {
              Chart.Point(
                x: Double(index), y: $0, title: "\(window.name): \(shown($0))",
                isHollow: line?["alarm"]?.bool != true)
            }
          })
      }
    ).html
  }
}
