import Expressions

/// The text of a vocabulary: one token a line, or `count token` where frequencies are stored.
///
/// Bytes are those of TFT's text format, but that spaces stay spaces and a whole count has no
/// fraction. No tokens at all are one line that stands for that, as readers of TFT's refuse an empty
/// file.
enum VocabularyFile {
  private static let emptyMark = Array("49d0cd50-04bb-48c0-bc6f-5b575dce351a\n".utf8)

  static func bytes(_ tokens: TokenList, frequencies: [Double]) -> [UInt8] {
    if tokens.count == 0 { return emptyMark }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(tokens.bytes.count + tokens.count * (frequencies.isEmpty ? 1 : 8))
    for index in 0..<tokens.count {
      if !frequencies.isEmpty {
        bytes.append(contentsOf: number(frequencies[index]).utf8)
        bytes.append(0x20)
      }
      bytes.append(contentsOf: tokens[index])
      bytes.append(0x0A)
    }
    return bytes
  }

  static func read(
    _ bytes: [UInt8], _ asset: VocabularyAsset
  ) throws(TransformError) -> (tokens: TokenList, frequencies: [Double]) {
    var tokens = TokenList()
    var frequencies: [Double] = []
    if bytes == emptyMark { return (tokens, frequencies) }
    guard bytes.last ?? 0x0A == 0x0A else {
      throw TransformError("the last line has no end", at: asset.name)
    }
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
      guard asset.storesFrequency else {
        tokens.append(line)
        continue
      }
      guard let space = line.firstIndex(of: 0x20),
        let frequency = Double(String(decoding: line[..<space], as: UTF8.self))
      else {
        throw TransformError(
          "line \(tokens.count + 1) does not begin with a frequency", at: asset.name)
      }
      tokens.append(line[(space + 1)...])
      frequencies.append(frequency)
    }
    return (tokens, frequencies)
  }

  private static func number(_ value: Double) -> String {
    Int64(exactly: value).map(String.init) ?? value.description
  }
}
