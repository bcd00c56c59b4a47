internal import ByteCoding
internal import Columns

/// One record of a TFRecord file: where its parts are, and whether they are sound.
///
/// | bytes | content |
/// |---|---|
/// | 8 | length *n* of the data, little-endian |
/// | 4 | masked CRC-32C of these eight bytes |
/// | *n* | data |
/// | 4 | masked CRC-32C of the data |
///
/// Source: `tensorflow/core/lib/io/record_writer.h`.
struct TFRecordFrame {
  enum Scan {
    case frame(TFRecordFrame)
    /// The bytes end before the record does.
    case incomplete
    /// The checksum of the length does not hold: where the next record starts is unknown.
    case damagedLength
  }

  static let headerByteCount = 12
  static let trailerByteCount = 4

  let start: Int
  let data: Range<Int>
  var end: Int { data.upperBound + Self.trailerByteCount }

  /// The record at `start`; its data are not checked.
  static func scan(_ bytes: PaddedBytes, at start: Int) -> Scan {
    guard start + headerByteCount <= bytes.count else { return .incomplete }
    let length = bytes.word(start)
    let stored = UInt32(truncatingIfNeeded: bytes.word(start + 8))
    let sum = unsafe CRC32C.checksum(UnsafeRawBufferPointer(start: bytes.base + start, count: 8))
    guard stored == CRC32C.masked(sum) else { return .damagedLength }
    let dataStart = start + headerByteCount
    guard length <= UInt64(bytes.count), dataStart + Int(length) + trailerByteCount <= bytes.count
    else { return .incomplete }
    return .frame(TFRecordFrame(start: start, data: dataStart..<dataStart + Int(length)))
  }

  /// Whether the data have their checksum.
  func isSound(_ bytes: PaddedBytes) -> Bool {
    let stored = UInt32(truncatingIfNeeded: bytes.word(data.upperBound))
    let content = unsafe UnsafeRawBufferPointer(
      start: bytes.base + data.lowerBound, count: data.count)
    return unsafe stored == CRC32C.masked(CRC32C.checksum(content))
  }
}
