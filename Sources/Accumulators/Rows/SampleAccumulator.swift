public import ByteCoding
public import Columns

/// How many rows a sample has.
public struct SampleParameters: Hashable, Sendable {
  public var size: Int

  public init(size: Int) { self.size = size }
}

/// A value of a sampled row.
public enum SampledValue: Hashable, Sendable, Comparable {
  /// Or NaN.
  case missing
  case number(Double)
  /// Of a list, its elements with commas between.
  case text(String)
}

/// The values of the rows whose order is least: a random sample, if the order is drawn by hash.
///
/// Inputs: order, numeric, and value, any column. Rows whose order is missing or NaN are left out.
/// Of equal orders the lesser value comes first, so the state depends on the set of rows alone.
/// Output: values in ascending order of the rows, at most ``SampleParameters/size``.
public struct SampleAccumulator: BoundedAccumulator {
  private struct Entry: Hashable, Comparable {
    var order: Double
    var value: SampledValue

    static func < (one: Entry, two: Entry) -> Bool {
      one.order != two.order ? one.order < two.order : one.value < two.value
    }
  }

  private let size: Int
  /// Ascending.
  private var entries: [Entry] = []

  public init(_ parameters: SampleParameters) { size = parameters.size }

  public mutating func add(_ inputs: [Column]) {
    let order = NumericColumn(inputs[0]).doubles
    for row in order.indices where !order[row].isNaN {
      if entries.count == size, let last = entries.last, order[row] > last.order { continue }
      insert(Entry(order: order[row] + 0, value: SampledValue(inputs[1], row)))
    }
  }

  private mutating func insert(_ entry: Entry) {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle] < entry { low = middle + 1 } else { high = middle }
    }
    entries.insert(entry, at: low)
    if entries.count > size { entries.removeLast() }
  }

  public mutating func merge(_ other: SampleAccumulator) {
    entries = Array((entries + other.entries).sorted().prefix(size))
  }

  public func output() -> [SampledValue] { entries.map(\.value) }

  public var byteCount: Int {
    entries.reduce(entries.capacity * MemoryLayout<Entry>.stride) { $0 + $1.value.textByteCount }
  }

  /// Texts are taken for 64 bytes each.
  public static func byteBound(_ parameters: SampleParameters, distinctCount: Int) -> Int {
    32 + parameters.size * (MemoryLayout<Entry>.stride + 64)
  }

  /// Appends the canonical form.
  ///
  /// | bytes | meaning |
  /// |---|---|
  /// | 1 | format version |
  /// | varint | rows |
  /// | 8, 1, … each | order; 0, 1 or 2 for a missing value, a number or a text; 8 bytes of a number, or length and UTF-8 of a text |
  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    writer.append(varint: UInt64(entries.count))
    for entry in entries {
      writer.append(entry.order)
      switch entry.value {
      case .missing: writer.append(UInt8(0))
      case .number(let number):
        writer.append(UInt8(1))
        writer.append(number)
      case .text(let text):
        writer.append(UInt8(2))
        writer.append(lengthPrefixed: text.utf8)
      }
    }
  }

  public static func decode(
    _ parameters: SampleParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> SampleAccumulator {
    try FormatVersion.read(from: &reader)
    var result = SampleAccumulator(parameters)
    for _ in 0..<(try FormatVersion.readCount(from: &reader)) {
      let order = try reader.readDouble()
      let value: SampledValue
      let offset = reader.offset
      switch try reader.readByte() {
      case 0: value = .missing
      case 1: value = .number(try reader.readDouble())
      case 2: value = .text(String(decoding: try reader.readLengthPrefixed(), as: UTF8.self))
      case let kind: throw ByteCodingError("value of kind \(kind)", at: offset)
      }
      result.entries.append(Entry(order: order, value: value))
    }
    return result
  }
}

extension SampledValue {
  fileprivate init(_ column: Column, _ row: Int) {
    guard column.validity.isPresent(row) else {
      self = .missing
      return
    }
    switch column {
    case .int64(let column): self = .number(Double(column.values[row]))
    case .float64(let column):
      let number = column.values[row] + 0
      self = number.isNaN ? .missing : .number(number)
    case .bool(let column): self = .text(column.values[row] ? "true" : "false")
    case .string(let column): self = .text(column.dictionary.string(column.ids[row]))
    case .plain(let column):
      let bytes = column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])]
      self = .text(String(decoding: bytes, as: UTF8.self))
    case .list(let list):
      let places = Int(list.offsets[row])..<Int(list.offsets[row + 1])
      let elements = places.map { SampledValue(list.elements, $0).description }
      self = .text(elements.joined(separator: ","))
    }
  }

  private var description: String {
    switch self {
    case .missing: ""
    case .number(let number): number.description
    case .text(let text): text
    }
  }

  fileprivate var textByteCount: Int {
    if case .text(let text) = self { text.utf8.count } else { 0 }
  }
}
