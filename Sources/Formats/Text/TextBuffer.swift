/// Bytes of text that grow at the end; what the writers of JSON append to.
///
/// Numbers and short pieces are stored whole words at a time, into room kept behind the end.
public struct TextBuffer: Sendable {
  /// Room kept behind the end: more than any number takes, and one word.
  private static let room = 40

  private var storage: [UInt8]
  public private(set) var count = 0

  public init(capacity: Int = 0) {
    // What lies behind the end is written before it is read.
    storage = unsafe [UInt8](unsafeUninitializedCapacity: capacity + Self.room) { _, count in
      count = capacity + Self.room
    }
  }

  /// What has been written.
  public var bytes: [UInt8] { Array(storage[..<count]) }

  /// Ends writing: what has been written, not copied.
  public consuming func finish() -> [UInt8] {
    storage.removeLast(storage.count - count)
    return storage
  }

  /// Forgets what has been written after the first `count` bytes, keeping the memory.
  public mutating func truncate(to count: Int = 0) {
    precondition(count <= self.count, "\(count) of \(self.count) bytes")
    self.count = count
  }

  public mutating func append(byte: UInt8) {
    storage[count] = byte
    count += 1
    reserve(0)
  }

  public mutating func append(_ text: [UInt8]) { append(text, text.indices) }

  public mutating func append(_ text: TextBuffer) { append(text.storage, 0..<text.count) }

  /// Appends what `json` has written.
  public mutating func append(_ json: JSONWriter) { append(json.buffer) }

  /// Appends the bytes of `text` at `range`.
  public mutating func append(_ text: [UInt8], _ range: Range<Int>) {
    reserve(range.count)
    let start = count
    unsafe storage.withUnsafeMutableBytes { target in
      unsafe text.withUnsafeBytes { source in
        let source = unsafe UnsafeRawBufferPointer(rebasing: source[range])
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[start...]).copyMemory(from: source)
      }
    }
    count += range.count
  }

  /// Appends `string` as UTF-8.
  ///
  /// - Returns: Whether it has a byte that JSON escapes: a control character, `"` or `\`.
  mutating func append(_ string: String) -> Bool {
    var string = string
    return string.withUTF8 { text in
      reserve(text.count)
      let start = count
      count += text.count
      return unsafe storage.withUnsafeMutableBytes { target in
        let target = unsafe UnsafeMutableRawBufferPointer(rebasing: target[start...])
        return unsafe Self.copy(UnsafeRawBufferPointer(text), to: target)
      }
    }
  }

  /// Copies `text`, eight bytes at a time, to `target`, which has room for a word more; whether it
  /// has a byte that JSON escapes.
  private static func copy(
    _ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    var escapes: UInt64 = 0
    var at = 0
    while at + 8 <= text.count {
      let word = unsafe text.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      unsafe target.storeBytes(of: word, toByteOffset: at, as: UInt64.self)
      escapes |= self.escapes(word)
      at += 8
    }
    if at > 0 {
      // The last eight once more, whatever of them is copied already.
      at = text.count - 8
      let word = unsafe text.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      unsafe target.storeBytes(of: word, toByteOffset: at, as: UInt64.self)
      return escapes | self.escapes(word) != 0
    }
    var word: UInt64 = 0
    for index in 0..<text.count { unsafe word |= UInt64(text[index]) << UInt64(8 * index) }
    unsafe target.storeBytes(of: word.littleEndian, toByteOffset: 0, as: UInt64.self)
    // What stands behind the text must not look like a control character.
    let behind: UInt64 = ~0 << UInt64(8 * text.count)
    return self.escapes(word | behind) != 0
  }

  /// Not 0 if a byte of `word` is below 0x20, `"` or `\`.
  private static func escapes(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = word ^ ones &* 0x22
    let backslash = word ^ ones &* 0x5C
    let below =
      (word &- ones &* 0x20) & ~word | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
    return below & (ones &* 0x80)
  }

  /// Appends `string` as JSON does: in quotes, with the shortest escapes.
  public mutating func append(quoted string: String) {
    append(byte: 0x22)
    let start = count
    if append(string) {
      truncate(to: start)
      for byte in string.utf8 { append(escaped: byte) }
    }
    append(byte: 0x22)
  }

  private mutating func append(escaped byte: UInt8) {
    switch byte {
    case 0x22, 0x5C:
      append(byte: 0x5C)
      append(byte: byte)
    case 0x08: _ = append("\\b")
    case 0x09: _ = append("\\t")
    case 0x0A: _ = append("\\n")
    case 0x0C: _ = append("\\f")
    case 0x0D: _ = append("\\r")
    case ..<0x20:
      _ = append("\\u00")
      append(byte: 0x30 + byte >> 4)
      append(byte: byte & 15 < 10 ? 0x30 + byte & 15 : 0x57 + byte & 15)
    default: append(byte: byte)
    }
  }

  /// Appends a double as JSON does: those it cannot hold are the strings `"NaN"`, `"Infinity"`,
  /// `"-Infinity"`.
  public mutating func append(json value: Double) {
    if value.isFinite {
      append(number: value)
    } else {
      append(quoted: value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
    }
  }

  public mutating func append(number value: Int64) {
    let start = count
    count = unsafe storage.withUnsafeMutableBytes { target in
      var end = start
      if value < 0 {
        unsafe target[end] = 0x2D
        end += 1
      }
      return unsafe Self.write(value.magnitude, target, at: end)
    }
    reserve(0)
  }

  /// Appends a finite double in the shortest form that reads back as the same double, laid out as
  /// Swift's `description` does: `0.1`, `1.0`, `1e-07`, `1.5e+16`.
  ///
  /// - Precondition: `value` is finite.
  public mutating func append(number value: Double) {
    if let whole = Int64(exactly: value), whole.magnitude < 1 << 53,
      whole != 0 || value.sign == .plus
    {
      append(number: whole)
      append(byte: 0x2E)
      append(byte: 0x30)
    } else if let hundredths = Self.hundredths(value) {
      append(hundredths: hundredths)
    } else if let decimal = ShortestDecimal(value) {
      let start = count
      count = unsafe storage.withUnsafeMutableBytes { unsafe decimal.write(to: $0, at: start) }
      reserve(0)
    } else {
      precondition(value.isFinite, "no text for \(value)")
      append(Array(value.description.utf8))
    }
  }

  /// How many hundredths `value` is, if the decimal of two places reads back as it and has at most
  /// 15 digits: no other so short does, so it is the shortest.
  private static func hundredths(_ value: Double) -> Int64? {
    let product = value * 100
    let whole = product.rounded()
    // Most values are far off: they are spared the division.
    guard (product - whole).magnitude <= product.magnitude * 0x1p-51, whole != 0,
      whole.magnitude < 1e15, whole / 100 == value
    else { return nil }
    return Int64(whole)
  }

  /// Appends `hundredths` / 100, which is no whole number.
  private mutating func append(hundredths: Int64) {
    let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
    let (tens, ones) = rest.quotientAndRemainder(dividingBy: 10)
    let start = count
    count = unsafe storage.withUnsafeMutableBytes { target in
      unsafe target[start] = 0x2D
      let end = unsafe Self.write(whole, target, at: start + (hundredths < 0 ? 1 : 0))
      unsafe target[end] = 0x2E
      unsafe target[end + 1] = 0x30 &+ UInt8(truncatingIfNeeded: tens)
      unsafe target[end + 2] = 0x30 &+ UInt8(truncatingIfNeeded: ones)
      return end + (ones == 0 ? 2 : 3)
    }
    reserve(0)
  }

  /// Makes room for `byteCount` more bytes.
  @inline(__always)
  private mutating func reserve(_ byteCount: Int) {
    if count + byteCount + Self.room > storage.count { grow(byteCount) }
  }

  @inline(never)
  private mutating func grow(_ byteCount: Int) {
    let more = max(storage.count, byteCount + Self.room)
    storage.append(contentsOf: repeatElement(0, count: more))
  }

  /// Writes the digits of `value`.
  ///
  /// - Returns: Where they end.
  private static func write(
    _ value: UInt64, _ target: UnsafeMutableRawBufferPointer, at start: Int
  ) -> Int {
    if value < 100_000_000 {
      return unsafe EightDigits(value).writeNumber(to: target, at: start)
    }
    let (rest, low) = value.quotientAndRemainder(dividingBy: 100_000_000)
    let end = unsafe write(rest, target, at: start)
    unsafe EightDigits(low).write(to: target, at: end)
    return end + 8
  }
}

/// The decimal digits of a number below 10^8, one a byte, the most significant in the lowest.
///
/// Source: the division by multiplication of P. Khuong, *How to print integers really fast*, 2017.
struct EightDigits {
  let digits: UInt64

  /// - Precondition: `value` is below 10^8.
  init(_ value: UInt64) {
    let high = value / 10_000
    let fours = high | (value &- high &* 10_000) &<< 32
    let hundreds = (fours &* 5243) &>> 19 & 0x0000_007F_0000_007F
    let twos = hundreds | (fours &- hundreds &* 100) &<< 16
    let tens = (twos &* 103) &>> 10 & 0x000F_000F_000F_000F
    digits = tens | (twos &- tens &* 10) &<< 8
  }

  /// Zeros after the last digit that is not one; 8 for zero.
  var trailingZeroCount: Int { digits.leadingZeroBitCount / 8 }

  /// Writes all eight digits.
  func write(to target: UnsafeMutableRawBufferPointer, at start: Int) {
    unsafe store(digits | 0x3030_3030_3030_3030, target, start)
  }

  /// Writes the number without leading zeros, and what may be overwritten after it.
  ///
  /// - Returns: Where it ends.
  func writeNumber(to target: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
    let skipped = min(7, digits.trailingZeroBitCount / 8)
    let text = (digits | 0x3030_3030_3030_3030) &>> UInt64(truncatingIfNeeded: 8 &* skipped)
    unsafe store(text, target, start)
    return start + 8 - skipped
  }

  private func store(_ word: UInt64, _ target: UnsafeMutableRawBufferPointer, _ start: Int) {
    unsafe target.storeBytes(of: word.littleEndian, toByteOffset: start, as: UInt64.self)
  }
}
