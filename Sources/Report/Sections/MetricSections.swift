extension ReportData.Evaluation {
  /// The metrics of the overall slice from window to window: a chart for each of the first twelve.
  var history: HTML {
    guard windows.count > 1 else { return "" }
    let names = windows.map(\.name)
    let charts = plainMetrics.prefix(12).html { metric in
      Chart(
        title: metric, xLabel: "window", yLabel: "",
        series: models.map { model in
          Chart.Series(
            name: model.isEmpty ? "model" : model,
            points: windows.enumerated().compactMap { index, window in
              window.line(metric, slice: "overall", model: model).map { line in
                Chart.Point(
                  x: Double(index), y: line.value, interval: line.interval ?? line.labelBounds,
                  title: "\(window.name): \(shown(line.value)) of \(line.examples) rows"
                    + (window.isLate ? ", refined by late rows (pane \(window.pane))" : ""),
                  isHollow: window.isLate)
              }
            })
        }, names: names.map(Self.short)
      ).html
    }
    return """
      <section><h2>Metrics over windows</h2><p>All rows of each window. A hollow mark is a pane \
      that late rows have refined; whiskers are 95 % intervals, or \
      where the value can be once all labels have come.</p>
      <div class='charts'>\(charts)</div></section>

      """
  }

  /// The slices of the newest window as a table to sort and filter.
  var slices: HTML {
    let metrics = plainMetrics.prefix(24)
    let rows = sliceNames.prefix(5000).html { slice in
      models.html { model in
        let lines = metrics.map { newest.line($0, slice: slice, model: model) }
        let examples = lines.compactMap { $0?.examples }.max() ?? 0
        let cells = lines.html { line in
          "<td class='n'>\(line.map { cell($0) } ?? "–")</td>"
        }
        return """
          <tr><th scope='row'>\(slice)</th>\(models.count > 1 ? HTML("<td>\(model)</td>") : "")\
          <td class='n'>\(Int(examples))</td>\(cells)</tr>
          """
      }
    }
    let head = metrics.html { "<th class='n'>\($0)</th>" }
    return """
      <section><h2>Slices</h2><p>\(newest.name). Click a heading to sort.</p>
      <label class='filter'>Filter slices <input type='search' data-filter='slices-\(stage)'></label>
      <div class='wide'><table class='sortable' id='slices-\(stage)'><thead><tr><th>Slice</th>\
      \(models.count > 1 ? HTML("<th>Model</th>") : "")<th class='n'>Rows</th>\(head)</tr></thead>\
      <tbody>\(rows)</tbody></table></div></section>

      """
  }

  private func cell(_ line: MetricLine) -> HTML {
    if let bounds = line.labelBounds, bounds.lowerBound < bounds.upperBound {
      return """
        \(shown(line.value)) <small>labels: \(shown(bounds.lowerBound)) … \
        \(shown(bounds.upperBound))</small>
        """
    }
    guard let interval = line.interval else { return "\(shown(line.value))" }
    return """
      \(shown(line.value)) <small>\(shown(interval.lowerBound)) … \(shown(interval.upperBound))</small>
      """
  }

  /// Candidates beside the baseline.
  var comparison: HTML {
    let names = metricNames(isDiff: true).filter { $0 != "example_count" }
    guard !names.isEmpty, models.count > 1 else { return "" }
    let candidates = models.filter { model in
      newest.lines.contains { $0.isDiff && $0.model == model }
    }
    let rows = names.html { metric in
      candidates.html { candidate in
        sliceNames.prefix(40).html { slice in
          guard let change = newest.line(metric, slice: slice, model: candidate, isDiff: true)
          else { return "" }
          let own = newest.line(metric, slice: slice, model: candidate)
          let sign = change.value > 0 ? "▲" : change.value < 0 ? "▼" : "="
          return """
            <tr><th scope='row'>\(metric)</th><td>\(slice)</td><td>\(candidate)</td>\
            <td class='n'>\(own.map { shown($0.value) } ?? "–")</td>\
            <td class='n'>\(own.map { shown($0.value - change.value) } ?? "–")</td>\
            <td class='n'>\(sign) \(cell(change))</td></tr>
            """
        }
      }
    }
    return """
      <section><h2>Candidate against baseline</h2>
      <div class='wide'><table class='sortable'><thead><tr><th>Metric</th><th>Slice</th>\
      <th>Candidate</th><th class='n'>Value</th><th class='n'>Baseline</th><th class='n'>Change</th>\
      </tr></thead><tbody>\(rows)</tbody></table></div></section>

      """
  }

  var models: [String] {
    var models: [String] = []
    for line in newest.lines where !models.contains(line.model) && line.metric != "__ERROR__" {
      models.append(line.model)
    }
    return models
  }

  func metricNames(isDiff: Bool) -> [String] {
    var seen: Set<String> = []
    return newest.lines.compactMap { line in
      line.isDiff == isDiff && line.baselineSlice == nil && seen.insert(line.metric).inserted
        ? line.metric : nil
    }
  }

  /// Without those at thresholds, which the fairness view shows.
  var plainMetrics: [String] { metricNames(isDiff: false).filter { !$0.contains("@") } }

  var sliceNames: [String] {
    var seen: Set<String> = []
    return newest.lines.compactMap { line in
      line.baselineSlice == nil && seen.insert(line.slice).inserted ? line.slice : nil
    }
  }

  /// The start of a window without the date, where it has a time.
  private static func short(_ window: String) -> String {
    let start = window.split(separator: "--").first.map(String.init) ?? window
    let parts = start.split(separator: "T")
    guard parts.count == 2 else { return start }
    return parts[1] == "00:00:00Z" ? String(parts[0]) : String(parts[1].dropLast())
  }
}

extension ReportData.WindowOfMetrics {
  /// The value of a metric in a slice.
  func line(
    _ metric: String, slice: String, model: String, isDiff: Bool = false
  ) -> MetricLine? {
    index[Key(metric: metric, slice: slice, model: model, isDiff: isDiff)].map { lines[$0] }
  }
}
