import Formats

extension ReportData.Evaluation {
  /// Rates by slice beside those of all rows, and how they go with the threshold.
  var fairness: HTML {
    let rates = plainMetrics.filter { $0 != "example_count" }
    let single = sliceNames.filter { $0 != "overall" && !$0.contains(", ") }.prefix(20)
    guard !single.isEmpty, !rates.isEmpty else { return "" }
    let charts = rates.prefix(18).html { metric in
      models.html { model in
        BarChart(
          title: model.isEmpty ? metric : "\(metric), \(model)",
          bars: single.compactMap { slice in
            newest.line(metric, slice: slice, model: model).map {
              .init(name: slice, value: $0.value, interval: $0.interval)
            }
          }, line: newest.line(metric, slice: "overall", model: model)?.value,
          lineName: "all rows"
        ).html
      }
    }
    return """
      <section><h2>Fairness over slices</h2><p>Each slice of one feature against all rows.</p>
      <div class='charts'>\(charts)</div></section>
      \(fairnessOverThresholds(["overall"] + largest(single)))
      """
  }

  /// The five slices of the most rows.
  private func largest(_ slices: some Sequence<String>) -> [String] {
    var rows: [String: Int64] = [:]
    for line in newest.lines where line.baselineSlice == nil {
      rows[line.slice] = max(rows[line.slice] ?? 0, line.examples)
    }
    let sorted = slices.sorted { (rows[$0] ?? 0, $1) > (rows[$1] ?? 0, $0) }
    return Array(sorted.prefix(5))
  }

  /// Each rate of the fairness indicators by threshold, or the two of the ROC plots.
  private func fairnessOverThresholds(_ slices: [String]) -> HTML {
    let indicators = indicatorCharts(slices)
    let charts = indicators.isEmpty ? curveCharts(slices) : indicators
    if charts.isEmpty { return "" }
    let left = sliceNames.count { $0 != "overall" && !$0.contains(", ") } - slices.count + 1
    return """
      <section><h2>Fairness over thresholds</h2><p>What a threshold would do to each slice\
      \(left > 0 ? HTML("; \(left) more slices are in the table") : "").</p>
      <div class='charts'>\(charts)</div></section>

      """
  }

  /// Of metrics named `rate@threshold`.
  private func indicatorCharts(_ slices: [String]) -> HTML {
    var rates: [String] = []
    var thresholds: [String: [(metric: String, threshold: Double)]] = [:]
    for metric in metricNames(isDiff: false) {
      let parts = metric.split(separator: "@")
      guard parts.count == 2, let threshold = Double(parts[1]) else { continue }
      let rate = parts[0].split(separator: "/").last.map(String.init) ?? String(parts[0])
      if thresholds[rate] == nil { rates.append(rate) }
      thresholds[rate, default: []].append((metric, threshold))
    }
    return rates.html { rate in
      chart(rate.replacing("_", with: " "), slices) { slice, model in
        (thresholds[rate] ?? []).sorted { $0.threshold < $1.threshold }.compactMap { metric, at in
          newest.line(metric, slice: slice, model: model).map { (at, $0.value) }
        }
      }
    }
  }

  /// Of the points of ROC plots: threshold, false and true positive rate.
  private func curveCharts(_ slices: [String]) -> HTML {
    ["false positive rate", "true positive rate"].enumerated().html { place, name in
      chart(name, slices) { slice, model in
        let plot = plots.first {
          $0["plot"]?.string == "roc" && $0["model"]?.string == model
            && ($0["slice"]?.object.map(MetricLine.text) ?? "") == slice
        }
        return (plot?["points"]?.array ?? []).compactMap { point in
          guard let numbers = point.array?.compactMap(\.number), numbers.count == 3,
            (0...1).contains(numbers[0])
          else { return nil }
          return (numbers[0], numbers[1 + place])
        }
      }
    }
  }

  /// A line for each slice, a chart for each model.
  private func chart(
    _ title: String, _ slices: [String],
    _ points: (_ slice: String, _ model: String) -> [(threshold: Double, rate: Double)]
  ) -> HTML {
    models.html { model in
      Chart(
        title: model.isEmpty ? title : "\(title), \(model)", xLabel: "threshold", yLabel: "",
        series: slices.map { slice in
          Chart.Series(
            name: slice == "overall" ? "all rows" : slice,
            points: points(slice, model).filter(\.rate.isFinite).map {
              Chart.Point(
                x: $0.threshold, y: $0.rate,
                title: "\(slice) at \(shown($0.threshold)): \(shown($0.rate))")
            })
        }.filter { !$0.points.isEmpty }, xRange: 0...1, yRange: 0...1
      ).html
    }
  }
}
