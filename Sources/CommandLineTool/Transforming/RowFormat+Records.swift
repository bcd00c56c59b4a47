import ByteCoding

extension RowFormat {
  /// The rows of a file that ``RowWriter`` wrote, each as a message holds it: without line end,
  /// header or frame.
  func records(_ bytes: [UInt8]) throws(ByteCodingError) -> [ArraySlice<UInt8>] {
    switch self {
    case .jsonl: bytes.split(separator: 0x0A)
    case .csv: Array(Self.csvLines(bytes).dropFirst())
    case .tfrecord: try Self.examples(bytes)
    }
  }

  /// Line ends inside quotes belong to a field.
  private static func csvLines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    var isQuoted = false
    for (position, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      guard byte == 0x0A, !isQuoted else { continue }
      lines.append(bytes[start..<position])
      start = position + 1
    }
    return lines
  }

  private static func examples(_ bytes: [UInt8]) throws(ByteCodingError) -> [ArraySlice<UInt8>] {
    var reader = ByteReader(bytes)
    var examples: [ArraySlice<UInt8>] = []
    while !reader.isAtEnd {
      let count = try reader.readLittleEndian(UInt64.self)
      _ = try reader.readLittleEndian(UInt32.self)
      examples.append(try reader.read(count: Int(clamping: count)))
      _ = try reader.readLittleEndian(UInt32.self)
    }
    return examples
  }
}
