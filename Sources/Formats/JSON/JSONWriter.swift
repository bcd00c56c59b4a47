/// Appends JSON text to a byte array; equal calls give equal bytes.
///
/// Commas are placed by the writer. Strings are written as UTF-8 with the shortest escapes. A
/// finite double is written in the shortest form that reads back as the same double (`0.1`,
/// `1.0`, `1e-07`); those JSON cannot hold are the strings `"NaN"`, `"Infinity"`, `"-Infinity"`.
///
/// - Note: Nesting is the caller's: a missing `endObject` is not noticed.
public struct JSONWriter: Sendable {
  /// How the text is laid out.
  public enum Style: Hashable, Sendable {
    /// No white space; one value a line of a JSON lines file.
    case compact
    /// A line a member or element, two spaces a level.
    case indented
  }

  /// What has been written.
  public private(set) var bytes: [UInt8] = []
  public let style: Style
  private var depth = 0
  /// Whether the next element of the open container follows another.
  private var needsComma = false
  /// Whether a key was just written.
  private var followsKey = false

  public init(style: Style = .compact) { self.style = style }

  /// The text written so far.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Forgets what has been written, keeping the memory.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    depth = 0
    needsComma = false
    followsKey = false
  }

  /// Ends a line of a JSON lines file; the next value needs no comma.
  public mutating func newline() {
    bytes.append(0x0A)
    needsComma = false
  }

  public mutating func beginObject() { begin(0x7B) }
  public mutating func endObject() { end(0x7D) }
  public mutating func beginArray() { begin(0x5B) }
  public mutating func endArray() { end(0x5D) }

  /// The name of the member whose value is written next.
  public mutating func key(_ name: String) {
    separate()
    appendQuoted(name)
    bytes.append(0x3A)
    if style == .indented { bytes.append(0x20) }
    followsKey = true
  }

  /// The name of the member whose value is written next.
  public mutating func key(_ key: JSONKey) {
    separate()
    bytes.append(contentsOf: key.quoted)
    if style == .indented { bytes.append(0x20) }
    followsKey = true
  }

  public mutating func null() { literal("null") }

  public mutating func value(_ value: Bool) { literal(value ? "true" : "false") }

  public mutating func value(_ value: String) {
    separate()
    appendQuoted(value)
  }

  /// The UTF-8 text `value`, as a string; bytes that are not UTF-8 are replaced by U+FFFD.
  public mutating func value(utf8 value: some Collection<UInt8>) {
    self.value(String(decoding: value, as: UTF8.self))
  }

  public mutating func value(_ value: Int64) {
    separate()
    JSONNumber.append(value, to: &bytes)
  }

  public mutating func value(_ value: Int) { self.value(Int64(value)) }

  public mutating func value(_ value: some BinaryInteger) {
    separate()
    if let small = Int64(exactly: value) {
      JSONNumber.append(small, to: &bytes)
    } else {
      bytes.append(contentsOf: value.description.utf8)
    }
  }

  public mutating func value(_ value: Double) {
    guard value.isFinite else {
      self.value(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
      return
    }
    separate()
    JSONNumber.append(value, to: &bytes)
  }

  public mutating func value(_ values: [Double]) {
    beginArray()
    for element in values { value(element) }
    endArray()
  }

  public mutating func value(_ values: [String]) {
    beginArray()
    for element in values { value(element) }
    endArray()
  }

  /// A whole value that is JSON already, appended as it is.
  public mutating func value(json: [UInt8]) {
    separate()
    bytes.append(contentsOf: json)
  }

  /// A whole value that is JSON already, appended as it is.
  public mutating func value(json: some Sequence<UInt8>) {
    separate()
    bytes.append(contentsOf: json)
  }

  private mutating func literal(_ text: StaticString) {
    separate()
    bytes.append(contentsOf: text.description.utf8)
  }

  private mutating func begin(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    depth += 1
    needsComma = false
  }

  private mutating func end(_ bracket: UInt8) {
    depth -= 1
    if needsComma { breakLine() }
    bytes.append(bracket)
    needsComma = true
  }

  /// Places what stands before a key, or before a value that has none.
  private mutating func separate() {
    if followsKey {
      followsKey = false
    } else {
      if needsComma { bytes.append(0x2C) }
      if depth > 0 { breakLine() }
    }
    needsComma = depth > 0
  }

  private mutating func breakLine() {
    guard style == .indented else { return }
    bytes.append(0x0A)
    for _ in 0..<2 * depth { bytes.append(0x20) }
  }

  private mutating func appendQuoted(_ string: String) {
    let text = string.utf8Span.span
    let start = bytes.count
    var needsEscape = false
    bytes.append(addingCapacity: text.count + 2) { output in
      output.append(0x22)
      for index in text.indices {
        let byte = text[index]
        needsEscape = needsEscape || byte < 0x20 || byte == 0x22 || byte == 0x5C
        output.append(byte)
      }
      output.append(0x22)
    }
    guard needsEscape else { return }
    bytes.removeSubrange((start + 1)...)
    for byte in string.utf8 { appendEscaped(byte) }
    bytes.append(0x22)
  }

  private mutating func appendEscaped(_ byte: UInt8) {
    switch byte {
    case 0x22, 0x5C:
      bytes.append(0x5C)
      bytes.append(byte)
    case 0x08: bytes.append(contentsOf: "\\b".utf8)
    case 0x09: bytes.append(contentsOf: "\\t".utf8)
    case 0x0A: bytes.append(contentsOf: "\\n".utf8)
    case 0x0C: bytes.append(contentsOf: "\\f".utf8)
    case 0x0D: bytes.append(contentsOf: "\\r".utf8)
    case ..<0x20:
      bytes.append(contentsOf: "\\u00".utf8)
      bytes.append(0x30 + byte >> 4)
      bytes.append(byte & 15 < 10 ? 0x30 + byte & 15 : 0x57 + byte & 15)
    default: bytes.append(byte)
    }
  }
}

/// The name of a member, quoted once for many objects.
public struct JSONKey: Hashable, Sendable {
  /// The name in quotes, and the colon.
  let quoted: [UInt8]

  public init(_ name: String) {
    var writer = JSONWriter()
    writer.value(name)
    quoted = writer.bytes + [0x3A]
  }
}
