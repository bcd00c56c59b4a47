import Columns

// The only file of this target with unsafe code: `StringDictionary` lends and takes raw bytes.

extension StringDictionary {
  /// The bytes of `id`, copied.
  func bytes(_ id: UInt32) -> [UInt8] { unsafe withBytes(of: id) { unsafe Array($0) } }

  /// The id of `bytes`.
  func intern(bytes: ArraySlice<UInt8>) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe intern($0) }
  }

  /// The ids of `parts` of `bytes`, in order.
  func intern(_ parts: [WordBounds], of bytes: [UInt8]) -> [UInt32] {
    var ids = [UInt32](repeating: 0, count: parts.count)
    unsafe bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else {
        for index in ids.indices { ids[index] = intern("") }
        return
      }
      for index in 0..<parts.count {
        let start = Int(parts[index].start)
        let length = Int(parts[index].end) - start
        precondition(length >= 0 && start + length <= raw.count, "a word outside its text")
        // `intern(padded:)` may load 16 bytes; the last words of the text go the slower way.
        ids[index] =
          start + max(16, length) <= raw.count
          ? unsafe intern(padded: base + start, length: length)
          : unsafe intern(UnsafeRawBufferPointer(start: base + start, count: length))
      }
    }
    return ids
  }
}

/// Where a word lies in a text.
struct WordBounds {
  var start: UInt32
  var end: UInt32
}

/// The bytes of a string column, row by row, however it is held.
struct StringRows {
  private let column: Column

  /// - Precondition: `column` holds strings.
  init(_ column: Column) {
    switch column {
    case .string, .plain: self.column = column
    default: preconditionFailure("not a column of strings")
    }
  }

  /// Appends the bytes of `row`, which must be present.
  func append(_ row: Int, to bytes: inout [UInt8]) {
    switch column {
    case .string(let strings):
      unsafe strings.dictionary.withBytes(of: strings.ids[row]) {
        unsafe bytes.append(contentsOf: $0)
      }
    case .plain(let plain):
      bytes.append(contentsOf: plain.bytes[Int(plain.offsets[row])..<Int(plain.offsets[row + 1])])
    default: break
    }
  }

  /// −1, 0 or 1 as this column's `row` sorts against that of `other`, by bytes; both present.
  func ordering(_ row: Int, against other: StringRows) -> Int8 {
    if case .string(let one) = column, case .string(let two) = other.column,
      one.dictionary === two.dictionary, one.ids[row] == two.ids[row]
    {
      return 0
    }
    var first: [UInt8] = []
    var second: [UInt8] = []
    append(row, to: &first)
    other.append(row, to: &second)
    if first == second { return 0 }
    return first.lexicographicallyPrecedes(second) ? -1 : 1
  }
}
