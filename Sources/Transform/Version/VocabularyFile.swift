import ByteCoding
import Expressions
import Formats

/// The file of a vocabulary: one token a line or record, or `count token` where frequencies are
/// stored.
///
/// Bytes are those of TFT's formats, but that spaces stay spaces, a whole count has no fraction and
/// gzip does not compress. No tokens at all are one that stands for that, as readers of TFT's refuse
/// an empty file.
enum VocabularyFile {
  private static let emptyMark = Array("49d0cd50-04bb-48c0-bc6f-5b575dce351a".utf8)

  static func bytes(
    _ tokens: TokenList, _ frequencies: [Double], _ format: VocabularyAsset.Format
  ) -> [UInt8] {
    var writer = ByteWriter()
    func append(_ entry: [UInt8]) {
      switch format {
      case .text:
        writer.append(contentsOf: entry)
        writer.append(0x0A as UInt8)
      case .tfrecordGzip: TFRecordWriter.append(entry, to: &writer)
      }
    }
    if tokens.count == 0 { append(emptyMark) }
    for index in 0..<tokens.count {
      let frequency = frequencies.isEmpty ? [] : Array(number(frequencies[index]).utf8) + [0x20]
      append(frequency + tokens[index])
    }
    return format == .text ? writer.bytes : StoredGzip.compress(writer.bytes)
  }

  static func read(
    _ bytes: [UInt8], _ asset: VocabularyAsset
  ) throws(TransformError) -> (tokens: TokenList, frequencies: [Double]) {
    var tokens = TokenList()
    var frequencies: [Double] = []
    let entries = try entries(bytes, asset)
    if entries == [emptyMark[...]] { return (tokens, frequencies) }
    for entry in entries {
      guard asset.storesFrequency else {
        tokens.append(entry)
        continue
      }
      guard let space = entry.firstIndex(of: 0x20),
        let frequency = Double(String(decoding: entry[..<space], as: UTF8.self))
      else {
        throw TransformError(
          "line \(tokens.count + 1) does not begin with a frequency", at: asset.fileName)
      }
      tokens.append(entry[(space + 1)...])
      frequencies.append(frequency)
    }
    return (tokens, frequencies)
  }

  private static func entries(
    _ bytes: [UInt8], _ asset: VocabularyAsset
  ) throws(TransformError) -> [ArraySlice<UInt8>] {
    switch asset.format {
    case .text:
      guard bytes.last ?? 0x0A == 0x0A else {
        throw TransformError("the last line has no end", at: asset.fileName)
      }
      return bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
    case .tfrecordGzip:
      do throws(ByteCodingError) {
        // The checksum of the whole was found to hold.
        var reader = ByteReader(try StoredGzip.decompress(bytes))
        var entries: [ArraySlice<UInt8>] = []
        while !reader.isAtEnd {
          let count = try reader.readLittleEndian(UInt64.self)
          _ = try reader.read(count: 4)
          entries.append(try reader.read(count: Int(min(count, 1 << 40))))
          _ = try reader.read(count: 4)
        }
        return entries
      } catch {
        throw TransformError(error.description, at: asset.fileName)
      }
    }
  }

  private static func number(_ value: Double) -> String {
    Int64(exactly: value).map(String.init) ?? value.description
  }
}
