extension SchemaInference {
  /// Adds the rows of `text`, CSV of which the first row is the header (RFC 4180).
  public mutating func observe(csv text: some Collection<UInt8>) {
    var rows = Self.rows(Array(text))
    guard !rows.isEmpty else { return }
    let header = rows.removeFirst()
    for row in rows where row != [""] { observe(header: header, row: row) }
  }

  /// The rows of `text`, quotes taken off.
  private static func rows(_ text: [UInt8]) -> [[String]] {
    var text = text[...]
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    var rows: [[String]] = []
    var row: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var closedQuote = false
    func take() -> String { String(decoding: field, as: UTF8.self) }
    for byte in text {
      switch byte {
      case 0x22:
        // A doubled quote leaves and enters again, and stands for itself.
        if closedQuote { field.append(byte) }
        closedQuote = isQuoted
        isQuoted.toggle()
        continue
      case 0x2C where !isQuoted:
        row.append(take())
        field = []
      case 0x0A where !isQuoted:
        if field.last == 0x0D { field.removeLast() }
        rows.append(row + [take()])
        row = []
        field = []
      default: field.append(byte)
      }
      closedQuote = false
    }
    if !row.isEmpty || !field.isEmpty { rows.append(row + [take()]) }
    return rows
  }
}
