import Formats

extension ReportData.Evaluation {
  /// The keys of the most rows among those beyond the slice budget.
  var heavyHitters: HTML {
    if members.isEmpty { return "" }
    let rows = members.prefix(200).html { line in
      let count = line["rows"]?.integer ?? 0
      let least = line["at_least"]?.integer ?? count
      let most = line["at_most"]?.integer ?? count
      let range: HTML = least < most ? " <small>\(Int(least)) … \(Int(most))</small>" : ""
      return """
        <tr><th scope='row'>\(line["member"]?.object.map(MetricLine.text) ?? "")</th>\
        <td class='n'>\(Int(count))\(range)</td></tr>
        """
    }
    return """
      <section><h2>Heavy hitters beyond the budget</h2><p>The slices with the most rows among those \
      that \(Self.other) holds together.</p>
      <div class='wide'><table class='sortable'><thead><tr><th>Slice</th><th class='n'>Rows</th></tr>\
      </thead><tbody>\(rows)</tbody></table></div></section>

      """
  }

  private static let other = "__other__"
}
