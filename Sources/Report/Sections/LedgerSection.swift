import Dataflow
import Snapshots

extension ReportData {
  /// What became of the rows, by split.
  var ledger: HTML {
    guard !splits.isEmpty else { return "" }
    let rows = splits.prefix(200).html { split in row(split.name, split.ledger) }
    let total = splits.reduce(into: Ledger()) { $0 += $1.ledger }
    return """
      <section id='ledger'><h2>Ledger</h2><p>Every row read has one fate; the books \
      \(total.isBalanced ? "balance" : "do not balance").</p>
      <div class='wide'><table><thead><tr><th>Split</th><th class='n'>Read</th>\
      <th class='n'>Aggregated</th><th class='n'>Filtered</th><th class='n'>Late</th>\
      <th class='n'>Quarantined</th></tr></thead><tbody>\(rows)</tbody>\
      <tfoot>\(row("all", total))</tfoot></table></div></section>

      """
  }

  private func row(_ name: String, _ ledger: Ledger) -> HTML {
    """
    <tr><th scope='row'>\(name)</th><td class='n'>\(Int(ledger.read))</td>\
    <td class='n'>\(Int(ledger.aggregated))</td><td class='n'>\(Int(ledger.filtered))</td>\
    <td class='n'>\(Int(ledger.late))</td><td class='n'>\(Int(ledger.quarantined))</td></tr>
    """
  }
}
