import ByteCoding
import Columns

/// One feature of each row of a batch as the bytes that stand in its `Features` message, row after
/// row; none where it is absent.
///
/// Unsafe: raw memory of its own.
@safe final class EncodedFeature {
  /// The bytes of all rows, for as long as the feature lives.
  @unsafe struct Rows {
    fileprivate let base: UnsafeMutableRawPointer
    /// Where the bytes of each row begin; one more at the end.
    fileprivate let offsets: UnsafeMutablePointer<Int>

    @inline(__always)
    func byteCount(_ row: Int) -> Int { unsafe offsets[row + 1] - offsets[row] }

    /// Copies the bytes of `row` to `target`, and up to ``slack`` bytes behind them; returns how many
    /// are the row's.
    @inline(__always)
    func copy(_ row: Int, to target: UnsafeMutableRawPointer) -> Int {
      let start = unsafe offsets[row]
      let length = unsafe offsets[row + 1] - start
      unsafe copyWords(from: base + start, to: target, byteCount: length)
      return length
    }
  }

  /// How many bytes behind its end a target must have room for.
  static let slack = wordByteCount

  let rows: Rows
  let byteCount: Int

  init(_ column: Column, name: [UInt8], divisor: Int64) {
    var writer = FeatureWriter(name: name, divisor: divisor, rowCount: column.rowCount)
    if case .list(let list) = column {
      writer.encode(list.elements, column.rowCount, list.validity) {
        Int(list.offsets[$0])..<Int(list.offsets[$0 + 1])
      }
    } else {
      writer.encode(column, column.rowCount, column.validity) { $0..<$0 + 1 }
    }
    unsafe rows = writer.finish()
    byteCount = writer.count
  }

  deinit {
    unsafe rows.base.deallocate()
    unsafe rows.offsets.deallocate()
  }

  /// Writes a varint at a place with room for it; returns its size.
  @inline(__always)
  static func write(varint value: UInt64, at target: UnsafeMutableRawPointer) -> Int {
    var rest = value
    var length = 0
    while rest >= 0x80 {
      unsafe target.storeBytes(
        of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: length, as: UInt8.self)
      rest >>= 7
      length += 1
    }
    unsafe target.storeBytes(of: UInt8(rest), toByteOffset: length, as: UInt8.self)
    return length + 1
  }
}

private let wordByteCount = 16

/// Copies whole words of 16 bytes: short pieces cost a store or two, and no call.
@inline(__always)
private func copyWords(
  from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int
) {
  if byteCount > 8 * wordByteCount {
    return unsafe target.copyMemory(from: source, byteCount: byteCount)
  }
  var at = 0
  while at < byteCount {
    let word = unsafe source.loadUnaligned(fromByteOffset: at, as: SIMD2<UInt64>.self)
    unsafe target.storeBytes(of: word, toByteOffset: at, as: SIMD2<UInt64>.self)
    at += wordByteCount
  }
}

/// Writes the bytes of an ``EncodedFeature``.
///
/// Unsafe: raw memory, grown before each value, so that the loop over a column neither allocates nor
/// counts references.
@safe private struct FeatureWriter {
  /// What stands before elements of fewer bytes is written once and copied from then on.
  private static let keptContents = 64

  private var base: UnsafeMutableRawPointer
  private let offsets: UnsafeMutablePointer<Int>
  private var row = 0
  private var capacity: Int
  private(set) var count = 0
  /// Tag, length and bytes of the name.
  private let name: [UInt8]
  private let divisor: Int64
  /// What stands before elements, which are all of one kind, by their bytes; ``headStride`` bytes each.
  private let heads: UnsafeMutableRawPointer
  private let headStride: Int
  /// How long these are; 0 for those that were not needed yet.
  private let headByteCounts: UnsafeMutablePointer<Int>

  init(name: [UInt8], divisor: Int64, rowCount: Int) {
    var header = ByteWriter()
    header.append(field: 1, bytes: name)
    self.name = header.bytes
    self.divisor = divisor
    capacity = rowCount * (header.bytes.count + 24) + 64
    unsafe base = .allocate(byteCount: capacity, alignment: 16)
    unsafe offsets = .allocate(capacity: rowCount + 1)
    unsafe offsets[0] = 0
    // Four tags, and four lengths of at most five bytes.
    headStride = (header.bytes.count + 24 + wordByteCount - 1) / wordByteCount * wordByteCount
    unsafe heads = .allocate(byteCount: Self.keptContents * headStride, alignment: 16)
    unsafe headByteCounts = .allocate(capacity: Self.keptContents)
    unsafe headByteCounts.initialize(repeating: 0, count: Self.keptContents)
  }

  /// Ends writing; who asks frees what is returned.
  func finish() -> EncodedFeature.Rows {
    unsafe heads.deallocate()
    unsafe headByteCounts.deallocate()
    return unsafe EncodedFeature.Rows(base: base, offsets: offsets)
  }

  /// Encodes the `elements` that `range` gives for each present row.
  @inline(__always)
  mutating func encode(
    _ elements: Column, _ rowCount: Int, _ validity: Validity, range: (Int) -> Range<Int>
  ) {
    let present = elements.validity
    switch elements {
    case .bool(let column):
      for row in 0..<rowCount {
        unsafe append(.int64, validity.isPresent(row), range(row), present, size: { _ in 1 }) {
          unsafe EncodedFeature.write(varint: column.values[$0] ? 1 : 0, at: $1)
        }
      }
    case .int64(let column):
      let divisor = divisor
      for row in 0..<rowCount {
        unsafe append(
          .int64, validity.isPresent(row), range(row), present,
          size: { Self.size(UInt64(bitPattern: Self.floor(column.values[$0], divisor))) }
        ) {
          unsafe EncodedFeature.write(
            varint: UInt64(bitPattern: Self.floor(column.values[$0], divisor)), at: $1)
        }
      }
    case .float64(let column):
      for row in 0..<rowCount {
        unsafe append(.float, validity.isPresent(row), range(row), present, size: { _ in 4 }) {
          unsafe $1.storeBytes(
            of: Float(column.values[$0]).bitPattern.littleEndian, as: UInt32.self)
          return 4
        }
      }
    case .string(let column):
      for row in 0..<rowCount {
        unsafe append(
          .bytes, validity.isPresent(row), range(row), present,
          size: { Self.sizeOfText(column, $0) }
        ) { element, target in
          unsafe column.dictionary.withBytes(of: column.ids[element]) {
            unsafe Self.write(text: UnsafeRawBufferPointer($0), at: target)
          }
        }
      }
    case .plain(let column):
      unsafe column.bytes.withUnsafeBytes { bytes in
        for row in 0..<rowCount {
          unsafe append(
            .bytes, validity.isPresent(row), range(row), present,
            size: { Self.sizeOfText(Int(column.offsets[$0 + 1] - column.offsets[$0])) }
          ) { element, target in
            unsafe Self.write(
              text: UnsafeRawBufferPointer(
                rebasing: bytes[Int(column.offsets[element])..<Int(column.offsets[element + 1])]),
              at: target)
          }
        }
      }
    case .list: preconditionFailure("a list of lists has no tf.Example form")
    }
  }

  /// The field of a Feature message that a list is in.
  private enum Kind: UInt64 {
    case bytes = 1
    case float, int64
  }

  /// Appends the entry of one row, if it is present.
  ///
  /// - Parameters:
  ///   - kind: Of the list.
  ///   - isPresent: Whether the row has a value.
  ///   - range: Its elements; absent ones are left out.
  ///   - validity: Of the elements.
  ///   - size: Of an element, in bytes.
  ///   - write: Writes an element at a place with room for it; returns its size.
  @inline(__always)
  private mutating func append(
    _ kind: Kind, _ isPresent: Bool, _ range: Range<Int>, _ validity: Validity,
    size: (Int) -> Int, write: (Int, UnsafeMutableRawPointer) -> Int
  ) {
    defer {
      row += 1
      unsafe offsets[row] = count
    }
    guard isPresent else { return }
    var content = 0
    for element in range where validity.isPresent(element) { content += size(element) }
    begin(kind, content)
    for element in range where validity.isPresent(element) {
      count += unsafe write(element, base + count)
    }
  }

  /// Appends what stands before elements of `content` bytes, which have room then.
  @inline(__always)
  private mutating func begin(_ kind: Kind, _ content: Int) {
    guard content < Self.keptContents, case let length = unsafe headByteCounts[content], length > 0
    else { return beginSlowly(kind, content) }
    reserve(headStride + content)
    unsafe copyWords(from: heads + content * headStride, to: base + count, byteCount: length)
    count += length
  }

  @inline(never)
  private mutating func beginSlowly(_ kind: Kind, _ content: Int) {
    let isPacked = kind != .bytes && content > 0
    let list = isPacked ? 1 + Self.size(UInt64(content)) + content : content
    let feature = 1 + Self.size(UInt64(list)) + list
    let entry = name.count + 1 + Self.size(UInt64(feature)) + feature
    reserve(1 + Self.size(UInt64(entry)) + entry)
    let start = count
    // Tags: field number × 8 + 2, length-delimited.
    put(0x0A, UInt64(entry))
    unsafe name.withUnsafeBytes {
      unsafe (base + count).copyMemory(
        from: $0.baseAddress ?? UnsafeRawPointer(base), byteCount: $0.count)
    }
    count += name.count
    put(0x12, UInt64(feature))
    put(kind.rawValue << 3 | 2, UInt64(list))
    if isPacked { put(0x0A, UInt64(content)) }
    guard content < Self.keptContents else { return }
    unsafe (heads + content * headStride).copyMemory(from: base + start, byteCount: count - start)
    unsafe headByteCounts[content] = count - start
  }

  /// Writes a tag of one byte and a length; there is room.
  @inline(__always)
  private mutating func put(_ tag: UInt64, _ length: UInt64) {
    unsafe base.storeBytes(of: UInt8(tag), toByteOffset: count, as: UInt8.self)
    count += 1
    count += unsafe EncodedFeature.write(varint: length, at: base + count)
  }

  /// An element of a BytesList: tag, length, bytes.
  @inline(__always)
  private static func write(text: UnsafeRawBufferPointer, at target: UnsafeMutableRawPointer) -> Int
  {
    unsafe target.storeBytes(of: 0x0A, as: UInt8.self)
    let head = unsafe 1 + EncodedFeature.write(varint: UInt64(text.count), at: target + 1)
    if let start = text.baseAddress {
      unsafe (target + head).copyMemory(from: start, byteCount: text.count)
    }
    return head + text.count
  }

  /// Makes room for `more` bytes, and a word behind them.
  @inline(__always)
  private mutating func reserve(_ more: Int) {
    if count + more + wordByteCount > capacity { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    let larger = max(2 * capacity, count + more + wordByteCount)
    let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    unsafe moved.copyMemory(from: base, byteCount: count)
    unsafe base.deallocate()
    unsafe base = moved
    capacity = larger
  }

  /// Bytes of a varint.
  @inline(__always)
  static func size(_ value: UInt64) -> Int { (70 - (value | 1).leadingZeroBitCount) / 7 }

  @inline(__always)
  private static func sizeOfText(_ length: Int) -> Int { 1 + size(UInt64(length)) + length }

  @inline(__always)
  private static func sizeOfText(_ column: StringColumn, _ element: Int) -> Int {
    unsafe column.dictionary.withBytes(of: column.ids[element]) { sizeOfText($0.count) }
  }

  @inline(__always)
  private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
    guard divisor != 1 else { return value }
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? quotient - 1 : quotient
  }
}
