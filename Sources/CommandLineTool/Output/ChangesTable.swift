import Formats

/// `changes.jsonl` as a table: a line a metric of a slice, greatest change first, counts last.
struct ChangesTable {
  private var rows: [(cells: [String], isCount: Bool, size: Double)] = []

  init(lines: [UInt8]) throws {
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      let value = try JSONValue(parsing: Array(line))
      let change = value["change"]?.number ?? .nan
      let cells = [
        SliceTable.name(value), value["metric"]?.string ?? "",
        value["before"].map(SliceTable.text) ?? "", value["after"].map(SliceTable.text) ?? "",
        change.isNaN ? "" : (change > 0 ? "+" : "") + SliceTable.text(.number(change)),
      ]
      rows.append(
        (cells, cells[1].hasSuffix("_count"), change.isNaN ? .infinity : abs(change)))
    }
    rows.sort { $0.isCount == $1.isCount ? $0.size > $1.size : $1.isCount }
  }

  var isEmpty: Bool { rows.isEmpty }

  func text(_ limit: Int) -> String {
    var table = Table([
      ("changed", .left), ("metric", .left), ("before", .right), ("after", .right),
      ("change", .right),
    ])
    for row in rows.prefix(limit) { table.add(row.cells) }
    let rest = rows.count - limit
    return table.text + (rest > 0 ? "\n… \(rest.grouped) more (--limit)" : "")
  }
}
