public import Snapshots

/// A self-contained page over the snapshots of an output directory.
public struct Report {
  private let data: ReportData

  /// Reads what there is to show; nothing changes.
  public init(_ store: SnapshotStore) throws { data = try ReportData(store) }

  /// The page, UTF-8; equal snapshots give equal bytes.
  public var html: String {
    let sections =
      data.verdicts
      + data.evaluations.html { evaluation in
        let name: HTML =
          evaluation.stage.isEmpty ? "" : "<h1 class='stage'>\(evaluation.stage)</h1>"
        return name + evaluation.labels + evaluation.history + evaluation.plotSection
          + evaluation.slices + evaluation.heavyHitters
          + evaluation.fairness + evaluation.comparison
      } + data.drifts.html { $0.html } + data.ledger
    let page: HTML = """
      <!DOCTYPE html>
      <html lang='en'><head><meta charset='utf-8'>
      <meta name='viewport' content='width=device-width, initial-scale=1'>
      <title>\(data.job): report</title>
      <style>\(Page.style)</style></head>
      <body><header><h1>\(data.job)</h1>\
      <p>\(data.panes.count) windows published</p></header>
      <main>\(sections.isEmpty ? "<p>There is nothing to show.</p>" : sections)</main>
      <script>\(Page.script)</script></body></html>

      """
    return page.text
  }
}
