internal import Columns

/// The place in a scratch table where the values of one feature of one row go.
struct FeatureTarget {
  private let table: ScratchTable
  /// The column that takes the values: the field's own, or that of its elements.
  private let column: Int
  private let kind: ValueKind
  /// The row, or the first element of the row.
  private let first: Int
  /// The list column and row to be closed, if the field is a list.
  private let list: (column: Int, row: Int)?
  /// Values read so far.
  var count = 0

  /// The target of the field at `position`; without one, values are passed over.
  init(_ table: ScratchTable, _ position: Int?, _ row: Int) {
    self.table = table
    guard let position else {
      (column, kind, first, list) = (0, .skipped, 0, nil)
      return
    }
    let own = table.column(position)
    if own.kind == .list {
      column = own.child
      kind = table.column(own.child).kind
      first = own.listStart(row)
      list = (position, row)
    } else {
      (column, kind, first, list) = (position, own.kind, row, nil)
    }
  }

  /// Closes the row; whether it has a value.
  func finish() throws(RowFault) -> Bool {
    if let list {
      guard first + count <= Int(UInt32.max) else {
        throw RowFault("over 2^32 elements in a batch")
      }
      table.set(list.column, list.row, UInt64(first + count))
      return true
    }
    guard count <= 1 || kind == .skipped else {
      throw RowFault("expected one value, found \(count)")
    }
    return count == 1
  }

  @inline(__always)
  mutating func add(_ value: Float) throws(RowFault) {
    switch kind {
    case .skipped: return
    case .float64, .float32: set(Double(value).bitPattern)
    default: throw mismatch("floats")
    }
  }

  @inline(__always)
  mutating func add(_ value: Int64) throws(RowFault) {
    switch kind {
    case .skipped: return
    case .int64, .microseconds: set(UInt64(bitPattern: value))
    case .float64: set(Double(value).bitPattern)
    case .float32: set(Double(Float(value)).bitPattern)
    case .milliseconds: set(try scaled(value, by: 1000))
    case .seconds: set(try scaled(value, by: 1_000_000))
    case .bool:
      guard value == 0 || value == 1 else { throw RowFault("expected a bool, found \(value)") }
      set(UInt64(value))
    default: throw mismatch("integers")
    }
  }

  mutating func add(bytes value: WireCursor) throws(RowFault) {
    switch kind {
    case .skipped: return
    case .string:
      guard value.end - value.at <= TextSpan.longest else {
        throw RowFault("a string longer than \(TextSpan.longest) bytes")
      }
      let valid = value.bytes.endOfUTF8(from: value.at, to: value.end)
      guard valid == value.end else { throw RowFault("invalid UTF-8") }
      set(TextSpan(start: value.at, length: value.end - value.at).bits)
    case .iso8601:
      guard let time = TimestampText.microseconds(value.bytes, value.at, value.end) else {
        let text = String(
          decoding: value.bytes.array(value.at..<value.end).prefix(40), as: UTF8.self)
        throw RowFault("expected RFC 3339 text, found \(text)")
      }
      set(UInt64(bitPattern: time))
    default: throw mismatch("bytes")
    }
  }

  @inline(__always)
  private mutating func set(_ bits: UInt64) {
    // A second value of a scalar makes the row bad in `finish`; it is only counted.
    if list != nil || count == 0 { table.set(column, first &+ count, bits) }
    count &+= 1
  }

  private func scaled(_ value: Int64, by factor: Int64) throws(RowFault) -> UInt64 {
    let (product, overflow) = value.multipliedReportingOverflow(by: factor)
    guard !overflow else { throw RowFault("number out of range: \(value)") }
    return UInt64(bitPattern: product)
  }

  private func mismatch(_ found: String) -> RowFault {
    let expected =
      switch kind {
      case .float64, .float32: "a number"
      case .int64, .bool: "integers"
      case .seconds, .milliseconds, .microseconds: "integers"
      case .iso8601: "RFC 3339 text"
      default: "bytes"
      }
    return RowFault("expected \(expected), found \(found)")
  }
}
