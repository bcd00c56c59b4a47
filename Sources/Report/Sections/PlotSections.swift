import Formats

extension ReportData.Evaluation {
  /// The plots of the newest window, those of all rows open, those of slices to be opened.
  var plotSection: HTML {
    var slices: [String] = []
    for plot in plots where !slices.contains(Self.slice(plot)) { slices.append(Self.slice(plot)) }
    guard !slices.isEmpty else { return "" }
    let body = slices.prefix(12).html { slice in
      let own = plots.filter { Self.slice($0) == slice }
      var kinds: [String] = []
      for plot in own where !kinds.contains(Self.title(plot)) { kinds.append(Self.title(plot)) }
      let charts = kinds.html { kind in
        Self.chart(kind, own.filter { Self.title($0) == kind })
      }
      return """
        <details\(slice == "overall" ? " open" : "")><summary>\(slice)</summary>\
        <div class='charts'>\(charts)</div></details>

        """
    }
    return "<section><h2>Plots</h2><p>\(newest.name).</p>\(body)</section>\n"
  }

  private static func slice(_ plot: JSONValue) -> String {
    plot["slice"]?.object.map(MetricLine.text) ?? "overall"
  }

  private static func title(_ plot: JSONValue) -> String {
    let kind = plot["plot"]?.string ?? ""
    return plot["name"]?.string.map { "\(kind) \($0)" } ?? kind
  }

  private static func model(_ plot: JSONValue) -> String {
    [plot["model"]?.string ?? "", plot["output"]?.string ?? ""].filter { !$0.isEmpty }
      .joined(separator: " ")
  }

  /// One chart for all models.
  private static func chart(_ title: String, _ plots: [JSONValue]) -> HTML {
    let kind = plots[0]["plot"]?.string ?? ""
    let series = plots.map { plot in
      Chart.Series(
        name: model(plot).isEmpty ? "model" : model(plot), points: points(kind, numbers(plot)))
    }
    switch kind {
    case "roc":
      return Chart(
        title: "ROC\(title.dropFirst(3))", xLabel: "false positive rate",
        yLabel: "true positive rate", series: series, xRange: 0...1, yRange: 0...1,
        hasDiagonal: true
      ).html
    case "precision_recall":
      return Chart(
        title: "Precision and recall", xLabel: "recall", yLabel: "precision", series: series,
        xRange: 0...1, yRange: 0...1
      ).html
    case "calibration":
      return Chart(
        title: "Calibration", xLabel: "mean prediction", yLabel: "mean label", series: series,
        hasDiagonal: false
      ).html
    case "score_distribution":
      return Chart(
        title: "Scores", xLabel: "score", yLabel: "weight up to there, share", series: series
      ).html
    case "confusion_matrix":
      return series[0].points.isEmpty ? "" : matrices(plots)
    default: return ""
    }
  }

  private static func numbers(_ plot: JSONValue) -> [[Double]] {
    plot["points"]?.array?.map { $0.array?.compactMap(\.number) ?? [] } ?? []
  }

  private static func points(_ kind: String, _ rows: [[Double]]) -> [Chart.Point] {
    if kind == "calibration" { return calibration(rows) }
    var sum = 0.0
    let total = kind == "score_distribution" ? rows.reduce(0) { $0 + $1[2] } : 0
    return rows.compactMap { row in
      switch kind {
      case "score_distribution":
        sum += row[2]
        guard row[1].isFinite, total > 0 else { return nil }
        return Chart.Point(
          x: row[1], y: sum / total, title: "up to \(shown(row[1])): \(shown(sum / total))")
      default:
        guard row.count > 2, row[1].isFinite, row[2].isFinite else { return nil }
        return Chart.Point(
          x: row[1], y: row[2],
          title: "threshold \(shown(row[0])): \(shown(row[1])), \(shown(row[2]))")
      }
    }
  }

  /// Neighbouring ranges joined until each holds a twentieth of the weight.
  private static func calibration(_ rows: [[Double]]) -> [Chart.Point] {
    let total = rows.reduce(0) { $0 + $1[2] }
    var points: [Chart.Point] = []
    var (weight, label, prediction) = (0.0, 0.0, 0.0)
    for (index, row) in rows.enumerated() {
      weight += row[2]
      label += row[3]
      prediction += row[4]
      guard weight > 0, weight >= total / 20 || index == rows.count - 1 else { continue }
      let (x, y) = (prediction / weight, label / weight)
      points.append(
        Chart.Point(
          x: x, y: y, title: "predicted \(shown(x)), found \(shown(y)), weight \(shown(weight))"))
      (weight, label, prediction) = (0, 0, 0)
    }
    return points
  }

  /// The four counts at a few thresholds, as tables with bars.
  private static func matrices(_ plots: [JSONValue]) -> HTML {
    plots.html { plot in
      let all = numbers(plot)
      let wanted = [0.1, 0.25, 0.5, 0.75, 0.9]
      let rows = wanted.html { threshold -> HTML in
        guard
          let row = all.min(by: { abs($0[0] - threshold) < abs($1[0] - threshold) })
        else { return "" }
        let (tp, fp, tn, fn) = (row[1], row[2], row[3], row[4])
        return """
          <tr><th scope='row' class='n'>\(shown(row[0]))</th><td class='n'>\(shown(tp))</td>\
          <td class='n'>\(shown(fp))</td><td class='n'>\(shown(fn))</td><td class='n'>\(shown(tn))</td>\
          <td class='n'>\(shown(tp + fp > 0 ? tp / (tp + fp) : .nan))</td>\
          <td class='n'>\(shown(tp + fn > 0 ? tp / (tp + fn) : .nan))</td></tr>
          """
      }
      let name = model(plot)
      return """
        <figure class='matrix'><figcaption>Confusion matrix\(name.isEmpty ? "" : ", \(name)")</figcaption>\
        <div class='wide'><table><thead><tr><th class='n'>Above</th><th class='n'>True +</th>\
        <th class='n'>False +</th><th class='n'>False −</th><th class='n'>True −</th>\
        <th class='n'>Precision</th><th class='n'>Recall</th></tr></thead><tbody>\(rows)</tbody>\
        </table></div></figure>

        """
    }
  }
}
