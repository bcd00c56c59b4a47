public import ByteCoding
public import Columns

/// A key and how many rows have it.
public struct HeavyKey: Hashable, Sendable {
  /// Texts of its components with ``separator`` between; the first bytes of them if it is cut.
  public var name: [UInt8]
  public var isCut: Bool
  /// The number itself where `least` and `most` agree, else an estimate.
  public var rows: Int64
  public var least: Int64
  public var most: Int64

  /// ASCII's unit separator.
  public static let separator: UInt8 = 0x1F

  static func hash(of name: [UInt8]) -> UInt64 { ValueHash.hash(name) }
}

/// The keys of most rows.
public struct HeavyKeys: Sendable {
  /// From the most rows on, ties by name.
  public var keys: [HeavyKey]
  /// All rows.
  public var rows: Int64
  /// Whether all keys are told, with their numbers of rows.
  public var isExact: Bool
}

/// Which columns make a key, and which rows count.
public struct HeavyKeysParameters: Hashable, Sendable {
  /// What the last column is, if it is no part of the key but the number of a sample.
  public enum Samples: Hashable, Sendable {
    /// There are none.
    case none
    /// Each row stands in one of them.
    case parts
    /// All rows stand in number 0, and only there do they count.
    case copies
  }

  public var samples: Samples

  public init(samples: Samples = .none) { self.samples = samples }
}

/// Rows by key: exact up to 1,024 keys, then a sketch that still names those of many rows.
///
/// Inputs: the columns of the key; a component that is missing is an empty text. The state depends
/// on the set of rows alone. Once it is a sketch, a key of more than 1 row in 256 is found unless
/// it shares both its buckets with keys of as many rows.
public struct HeavyKeysAccumulator: Accumulator {
  static let mostKeys = 1024

  struct Entry: Hashable, Sendable {
    var name: [UInt8]
    var rows: Int64
  }

  private let parameters: HeavyKeysParameters
  /// By hash; empty once there is a sketch.
  private(set) var entries: [UInt64: Entry] = [:]
  private(set) var sketch: KeySketch?

  public init(_ parameters: HeavyKeysParameters) { self.parameters = parameters }

  public mutating func add(_ inputs: [Column]) {
    let keys = KeyRows(inputs, parameters)
    for row in 0..<keys.count where keys.counts(row) {
      let name = keys.name(row)
      add(HeavyKey.hash(of: name), rows: 1) { name }
    }
  }

  @inline(__always)
  mutating func add(_ hash: UInt64, rows: Int64, _ name: () -> [UInt8]) {
    if sketch != nil {
      sketch?.add(hash, name(), rows: rows)
    } else if entries[hash]?.rows != nil {
      entries[hash]?.rows += rows
    } else {
      entries[hash] = Entry(name: name(), rows: rows)
      if entries.count > Self.mostKeys { makeSketch() }
    }
  }

  private mutating func makeSketch() {
    var made = KeySketch()
    for (hash, entry) in entries { made.add(hash, entry.name, rows: entry.rows) }
    sketch = made
    entries = [:]
  }

  public mutating func merge(_ other: HeavyKeysAccumulator) {
    if let theirs = other.sketch {
      if sketch == nil { makeSketch() }
      sketch?.merge(theirs)
    } else {
      for (hash, entry) in other.entries { add(hash, rows: entry.rows) { entry.name } }
    }
  }

  public func output() -> HeavyKeys {
    guard let sketch else {
      let keys = entries.values.map {
        HeavyKey(name: $0.name, isCut: false, rows: $0.rows, least: $0.rows, most: $0.rows)
      }
      return HeavyKeys(
        keys: Self.ordered(keys), rows: keys.reduce(0) { $0 + $1.rows }, isExact: true)
    }
    return HeavyKeys(
      keys: Self.ordered(Array(sketch.keys.values)), rows: sketch.rows, isExact: false)
  }

  private static func ordered(_ keys: [HeavyKey]) -> [HeavyKey] {
    keys.sorted {
      $0.rows != $1.rows ? $0.rows > $1.rows : $0.name.lexicographicallyPrecedes($1.name)
    }
  }

  /// Appends the canonical form.
  ///
  /// | bytes | meaning |
  /// |---|---|
  /// | 1 | format version |
  /// | 1 | 0: the keys follow; 1: a sketch |
  /// | | varint keys, then for each, by hash, varint length, name and varint rows; or the sketch |
  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    writer.append(UInt8(sketch == nil ? 0 : 1))
    if let sketch { return sketch.encode(into: &writer) }
    writer.append(varint: UInt64(entries.count))
    for (_, entry) in entries.sorted(by: { $0.key < $1.key }) {
      writer.append(lengthPrefixed: entry.name)
      writer.append(varint: UInt64(entry.rows))
    }
  }

  public static func decode(
    _ parameters: HeavyKeysParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> HeavyKeysAccumulator {
    try FormatVersion.read(from: &reader)
    var result = HeavyKeysAccumulator(parameters)
    if try reader.readByte() == 1 {
      result.sketch = try KeySketch.decode(from: &reader)
      return result
    }
    for _ in 0..<(try FormatVersion.readCount(from: &reader)) {
      let name = Array(try reader.readLengthPrefixed())
      let rows = Int64(truncatingIfNeeded: try reader.readVarint())
      result.add(HeavyKey.hash(of: name), rows: rows) { name }
    }
    return result
  }

  /// What an array of states holds besides itself.
  var byteCount: Int { sketch == nil ? entries.capacity * 80 : KeySketch.byteBound }
}

/// The keys of a batch, row by row.
struct KeyRows {
  let columns: [TokenColumn]
  let count: Int
  private let samples: [Int64]

  init(_ inputs: [Column], _ parameters: HeavyKeysParameters) {
    columns = (parameters.samples == .none ? inputs[...] : inputs.dropLast()).map {
      TokenColumn($0)
    }
    count = inputs.first?.rowCount ?? 0
    if parameters.samples == .copies, case .int64(let numbers)? = inputs.last {
      samples = numbers.values
    } else {
      samples = []
    }
  }

  /// Whether a row counts.
  func counts(_ row: Int) -> Bool { samples.isEmpty || samples[row] == 0 }

  func name(_ row: Int) -> [UInt8] {
    var name: [UInt8] = []
    for (index, column) in columns.enumerated() {
      if index > 0 { name.append(HeavyKey.separator) }
      guard column.validity.isPresent(row) else { continue }
      switch column.elements {
      case .float64(let doubles): name += Array("\(doubles.values[row])".utf8)
      case .bool(let bools): name += Array("\(bools.values[row])".utf8)
      default: name += column.bytes(row)
      }
    }
    return name
  }
}
