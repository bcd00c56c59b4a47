import Columns

/// Collects the rows of a plain string column.
struct PlainStringBuilder {
  var bytes: [UInt8] = []
  private var offsets: [UInt32] = [0]

  init(_ rowCount: Int) { offsets.reserveCapacity(rowCount + 1) }

  /// Ends a row whose bytes have been appended to `bytes`.
  mutating func endRow() {
    precondition(bytes.count <= Int(UInt32.max), "a column of plain strings holds under 4 GiB")
    offsets.append(UInt32(bytes.count))
  }

  mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    endRow()
  }

  mutating func append(decimal value: Int64) {
    DecimalText.append(value, to: &bytes)
    endRow()
  }

  func finish(_ validity: Validity) -> Column {
    .plain(PlainStringColumn(bytes: bytes, offsets: offsets, validity: validity))
  }
}

/// Integers as text, without a `String` a row.
enum DecimalText {
  static func append(_ value: Int64, to bytes: inout [UInt8]) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    let start = bytes.count
    var rest = value.magnitude
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }
}
