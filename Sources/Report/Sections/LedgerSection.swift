import Dataflow
import Snapshots

extension ReportData {
  /// What became of the rows, by split.
  var ledger: HTML {
    guard !splits.isEmpty else { return "" }
    let total = splits.reduce(into: Ledger()) { $0 += $1.ledger }
    // Fates that no row has are left out, but for those that every job has.
    let fates = total.counts.filter { $0.name != "emitted" || $0.count > 0 }.map(\.name)
    let rows = splits.prefix(200).html { split in row(split.name, split.ledger, fates) }
    let head = fates.html { "<th class='n'>\($0.prefix(1).uppercased() + $0.dropFirst())</th>" }
    return """
      <section id='ledger'><h2>Ledger</h2><p>Every row read has one fate; the books \
      \(total.isBalanced ? "balance" : "do not balance").</p>
      <div class='wide'><table><thead><tr><th>Split</th>\(head)</tr></thead><tbody>\(rows)</tbody>\
      <tfoot>\(row("all", total, fates))</tfoot></table></div></section>

      """
  }

  private func row(_ name: String, _ ledger: Ledger, _ fates: [String]) -> HTML {
    let counts = Dictionary(uniqueKeysWithValues: ledger.counts.map { ($0.name, $0.count) })
    let cells = fates.html { "<td class='n'>\(counts[$0] ?? 0)</td>" }
    return "<tr><th scope='row'>\(name)</th>\(cells)</tr>"
  }
}
