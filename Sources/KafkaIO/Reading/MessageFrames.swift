import ByteCoding

/// Frames a value as a record of a TFRecord file, in place.
enum TFRecordFrameWriter {
  static let headerByteCount = 12

  /// Writes length, checksum, `data` and its checksum at `start`; returns where they end.
  static func write(
    _ data: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer, at start: Int
  ) -> Int {
    let length = UInt64(data.count).littleEndian
    unsafe target.storeBytes(of: length, toByteOffset: start, as: UInt64.self)
    let head = unsafe UnsafeRawBufferPointer(rebasing: target[start..<start + 8])
    let headSum = unsafe CRC32C.masked(CRC32C.checksum(head)).littleEndian
    unsafe target.storeBytes(of: headSum, toByteOffset: start + 8, as: UInt32.self)
    let dataStart = start + headerByteCount
    let place = unsafe UnsafeMutableRawBufferPointer(rebasing: target[dataStart...])
    unsafe place.copyMemory(from: data)
    let sum = unsafe CRC32C.masked(CRC32C.checksum(data)).littleEndian
    unsafe target.storeBytes(of: sum, toByteOffset: dataStart + data.count, as: UInt32.self)
    return dataStart + data.count + 4
  }
}

/// Whether the quotes of a CSV record are in order.
enum CSVQuotes {
  private static let quote = UInt8(ascii: "\"")
  private static let separator = UInt8(ascii: ",")

  /// Whether every quoted field begins and ends with its quote, so that nothing that follows the
  /// record can be taken to be inside of one.
  static func areClosed(in record: UnsafeRawBufferPointer) -> Bool {
    var at = 0
    while at < record.count {
      if unsafe record[at] == quote {
        guard let end = unsafe endOfQuoted(record, from: at + 1) else { return false }
        at = end
        guard unsafe at == record.count || record[at] == separator else { return false }
      } else {
        while unsafe at < record.count && record[at] != separator {
          if unsafe record[at] == quote { return false }
          at += 1
        }
      }
      at += 1
    }
    return true
  }

  /// Behind the quote that closes a field whose text starts at `start`.
  private static func endOfQuoted(_ record: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var at = start
    while at < record.count {
      if unsafe record[at] == quote {
        guard unsafe at + 1 < record.count && record[at + 1] == quote else {
          return at + 1
        }
        at += 1
      }
      at += 1
    }
    return nil
  }
}
