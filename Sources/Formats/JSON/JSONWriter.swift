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

  private(set) var buffer = TextBuffer()
  public let style: Style
  private var depth = 0
  /// Whether the next element of the open container follows another.
  private var needsComma = false
  /// Whether a key was just written.
  private var followsKey = false

  public init(style: Style = .compact) { self.style = style }

  /// What has been written.
  public var bytes: [UInt8] { buffer.bytes }

  /// The text written so far.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Forgets what has been written, keeping the memory.
  public mutating func removeAll() {
    buffer.truncate()
    depth = 0
    needsComma = false
    followsKey = false
  }

  /// Ends a line of a JSON lines file; the next value needs no comma.
  public mutating func newline() {
    buffer.append(byte: 0x0A)
    needsComma = false
  }

  public mutating func beginObject() { begin(0x7B) }
  public mutating func endObject() { end(0x7D) }
  public mutating func beginArray() { begin(0x5B) }
  public mutating func endArray() { end(0x5D) }

  /// The name of the member whose value is written next.
  public mutating func key(_ name: String) {
    separate()
    buffer.append(quoted: name)
    buffer.append(byte: 0x3A)
    if style == .indented { buffer.append(byte: 0x20) }
    followsKey = true
  }

  /// The name of the member whose value is written next.
  public mutating func key(_ key: JSONKey) {
    separate()
    buffer.append(key.quoted)
    if style == .indented { buffer.append(byte: 0x20) }
    followsKey = true
  }

  /// A key and its value.
  public mutating func member(_ name: String, _ value: String) {
    key(name)
    self.value(value)
  }

  /// A key and its value.
  public mutating func member(_ name: String, _ value: Int64) {
    key(name)
    self.value(value)
  }

  /// A key and its value.
  public mutating func member(_ name: String, _ value: Int) { member(name, Int64(value)) }

  public mutating func null() { literal("null") }

  public mutating func value(_ value: Bool) { literal(value ? "true" : "false") }

  public mutating func value(_ value: String) {
    separate()
    buffer.append(quoted: value)
  }

  /// The UTF-8 text `value`, as a string; bytes that are not UTF-8 are replaced by U+FFFD.
  public mutating func value(utf8 value: some Collection<UInt8>) {
    self.value(String(decoding: value, as: UTF8.self))
  }

  public mutating func value(_ value: Int64) {
    separate()
    buffer.append(number: value)
  }

  public mutating func value(_ value: Int) { self.value(Int64(value)) }

  public mutating func value(_ value: some BinaryInteger) {
    separate()
    if let small = Int64(exactly: value) {
      buffer.append(number: small)
    } else {
      _ = buffer.append(value.description)
    }
  }

  public mutating func value(_ value: Double) {
    separate()
    buffer.append(json: value)
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
    buffer.append(json)
  }

  /// A whole value that is JSON already, appended as it is.
  public mutating func value(json: some Sequence<UInt8>) {
    separate()
    buffer.append(Array(json))
  }

  private mutating func literal(_ text: StaticString) {
    separate()
    _ = buffer.append(text.description)
  }

  private mutating func begin(_ bracket: UInt8) {
    separate()
    buffer.append(byte: bracket)
    depth += 1
    needsComma = false
  }

  private mutating func end(_ bracket: UInt8) {
    depth -= 1
    if style == .indented && needsComma { breakLine() }
    buffer.append(byte: bracket)
    needsComma = true
  }

  /// Places what stands before a key, or before a value that has none.
  private mutating func separate() {
    if followsKey {
      followsKey = false
    } else {
      if needsComma { buffer.append(byte: 0x2C) }
      if style == .indented && depth > 0 { breakLine() }
    }
    needsComma = depth > 0
  }

  private mutating func breakLine() {
    buffer.append(byte: 0x0A)
    for _ in 0..<2 * depth { buffer.append(byte: 0x20) }
  }
}

/// The name of a member, quoted once for many objects.
public struct JSONKey: Hashable, Sendable {
  /// The name in quotes, and the colon.
  public let quoted: [UInt8]

  public init(_ name: String) {
    var writer = JSONWriter()
    writer.value(name)
    quoted = writer.bytes + [0x3A]
  }
}
