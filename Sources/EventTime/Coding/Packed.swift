/// Values that many of can be written as one list of integers, where their members one by one would
/// cost several times as much.
package protocol Packable: Hashable, Codable, Sendable {
  func pack(into writer: inout PackedWriter)
  init(unpacking reader: inout PackedReader) throws(PackedReader.Broken)
  /// Whether it can be written so; if one of a list cannot, none is.
  var isPackable: Bool { get }
}

extension Packable {
  package var isPackable: Bool { true }
}

/// A list that is coded as integers; read also in the form of its elements' own coding.
@propertyWrapper
package struct Packed<Element: Packable>: Hashable, Codable, Sendable {
  package var wrappedValue: [Element]

  package init(wrappedValue: [Element]) { self.wrappedValue = wrappedValue }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    guard wrappedValue.allSatisfy(\.isPackable) else { return try container.encode(wrappedValue) }
    var writer = PackedWriter()
    for element in wrappedValue { element.pack(into: &writer) }
    try container.encode(writer.numbers)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let numbers = try? container.decode([Int64].self) else {
      wrappedValue = try container.decode([Element].self)
      return
    }
    var reader = PackedReader(numbers)
    wrappedValue = []
    do throws(PackedReader.Broken) {
      while !reader.isAtEnd { wrappedValue.append(try Element(unpacking: &reader)) }
    } catch {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "packed \(Element.self) end in the middle of one")
    }
  }
}

/// Collects integers; times are written as distances, which are small.
package struct PackedWriter {
  package private(set) var numbers: [Int64] = []

  package mutating func append(_ number: Int) { numbers.append(Int64(number)) }

  package mutating func append(bits: UInt64) { numbers.append(Int64(bitPattern: bits)) }

  /// Wraps at the ends of time.
  package mutating func append(_ time: Timestamp, after start: Timestamp) {
    numbers.append(time.microseconds &- start.microseconds)
  }

  package mutating func append(_ window: Window) {
    numbers.append(window.start.microseconds)
    append(window.end, after: window.start)
  }

  package mutating func append(_ list: [Int]) {
    append(list.count)
    for number in list { append(number) }
  }
}

/// Reads what ``PackedWriter`` wrote.
package struct PackedReader {
  package struct Broken: Error {}

  private let numbers: [Int64]
  private var next = 0

  package init(_ numbers: [Int64]) { self.numbers = numbers }

  package var isAtEnd: Bool { next == numbers.count }

  private mutating func read() throws(Broken) -> Int64 {
    guard next < numbers.count else { throw Broken() }
    defer { next += 1 }
    return numbers[next]
  }

  package mutating func readInteger() throws(Broken) -> Int { Int(try read()) }

  package mutating func readBits() throws(Broken) -> UInt64 { UInt64(bitPattern: try read()) }

  package mutating func readTime(after start: Timestamp) throws(Broken) -> Timestamp {
    Timestamp(microseconds: start.microseconds &+ (try read()))
  }

  package mutating func readWindow() throws(Broken) -> Window {
    let start = Timestamp(microseconds: try read())
    let end = try readTime(after: start)
    guard start < end else { throw Broken() }
    return Window(start: start, end: end)
  }

  /// How many elements follow; no more than there are numbers.
  package mutating func readCount() throws(Broken) -> Int {
    let count = try readInteger()
    guard count >= 0, count <= numbers.count - next else { throw Broken() }
    return count
  }

  package mutating func readList() throws(Broken) -> [Int] {
    var list: [Int] = []
    for _ in 0..<(try readCount()) { list.append(try readInteger()) }
    return list
  }
}

extension Window: Packable {
  package func pack(into writer: inout PackedWriter) { writer.append(self) }

  package init(unpacking reader: inout PackedReader) throws(PackedReader.Broken) {
    self = try reader.readWindow()
  }
}
