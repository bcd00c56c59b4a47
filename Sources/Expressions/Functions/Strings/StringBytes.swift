package import Columns

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
    // Blocks of words may load 16 bytes from each start.
    let padded = bytes + [UInt8](repeating: 0, count: 16)
    return unsafe [UInt32](unsafeUninitializedCapacity: parts.count) { ids, initialized in
      unsafe padded.withUnsafeBytes { text in
        guard let base = text.baseAddress, let ids = ids.baseAddress else { return }
        unsafe intern(parts.count, into: ids) { index in
          let part = parts[index]
          precondition(part.start <= part.end && part.end <= bytes.count, "a word outside its text")
          return unsafe (base + Int(part.start), Int(part.end &- part.start))
        }
      }
      initialized = parts.count
    }
  }
}

extension [UInt8] {
  /// Where `byte` stands, ascending.
  func positions(of byte: UInt8) -> [UInt32] {
    var positions: [UInt32] = []
    positions.reserveCapacity(count / 4)
    let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
    let wholeCount = count & ~7
    unsafe withUnsafeBytes { bytes in
      for start in stride(from: 0, to: wholeCount, by: 8) {
        let word = unsafe bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self).littleEndian
        // The top bit of each byte that equals `byte`, without borrows between bytes.
        let other = word ^ pattern
        let low = (other & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7F7F_7F7F_7F7F_7F7F
        var hits = ~(low | other) & 0x8080_8080_8080_8080
        while hits != 0 {
          positions.append(UInt32(truncatingIfNeeded: start &+ hits.trailingZeroBitCount &>> 3))
          hits &= hits &- 1
        }
      }
    }
    for index in wholeCount..<count where self[index] == byte { positions.append(UInt32(index)) }
    return positions
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

extension Column {
  /// The bytes of the string in `row`, which must be present.
  package func text(at row: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    StringRows(self).append(row, to: &bytes)
    return bytes
  }
}
