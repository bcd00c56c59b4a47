import Formats

/// `drift.jsonl` for people.
struct DriftTable {
  private let lines: [JSONValue]

  init(lines bytes: [UInt8]) throws {
    lines = try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
  }

  var text: String {
    var table = Table([
      ("feature", .left), ("rows", .right), ("reference", .right), ("js", .right),
      ("by chance", .right), ("p adjusted", .right), ("alarm", .left),
    ])
    for line in lines {
      let divergence = line["statistics"]?["js"]
      table.add([
        line["feature"]?.string ?? "", "\(line["rows"]?.integer ?? 0)",
        "\(line["reference_rows"]?.integer ?? 0)", Self.text(divergence?["value"]),
        Self.text(divergence?["by_chance"]), Self.text(line["p_adjusted"]),
        line["alarm"]?.bool == true ? "ALARM" : "",
      ])
    }
    return table.text
  }

  private static func text(_ value: JSONValue?) -> String {
    value?.number.map { "\(($0 * 1e6).rounded() / 1e6)" } ?? "–"
  }
}
