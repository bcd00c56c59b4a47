/// The values of one column of a batch.
///
/// `float32` and `float64` fields are `.float64`; `int64` and `timestamp` fields are `.int64`
/// (timestamps in microseconds since the epoch).
public indirect enum Column: Sendable {
  case bool(BoolColumn)
  case int64(Int64Column)
  case float64(Float64Column)
  /// Strings by dictionary id.
  case string(StringColumn)
  /// Strings by their bytes.
  case plain(PlainStringColumn)
  case list(ListColumn)

  public var rowCount: Int { validity.count }

  public var validity: Validity {
    switch self {
    case .bool(let column): column.validity
    case .int64(let column): column.validity
    case .float64(let column): column.validity
    case .string(let column): column.validity
    case .plain(let column): column.validity
    case .list(let column): column.validity
    }
  }
}

/// The value of an absent row is unspecified in every column type.
public struct Float64Column: Sendable {
  /// Shape `[rows]`.
  public let values: [Double]
  public let validity: Validity

  public init(_ values: [Double], validity: Validity? = nil) {
    self.values = values
    self.validity = validity ?? Validity(allPresent: values.count)
  }

  public init(_ values: [Double?]) {
    self.init(values.map { $0 ?? 0 }, validity: Validity(values.map { $0 != nil }))
  }
}

public struct Int64Column: Sendable {
  /// Shape `[rows]`.
  public let values: [Int64]
  public let validity: Validity

  public init(_ values: [Int64], validity: Validity? = nil) {
    self.values = values
    self.validity = validity ?? Validity(allPresent: values.count)
  }

  public init(_ values: [Int64?]) {
    self.init(values.map { $0 ?? 0 }, validity: Validity(values.map { $0 != nil }))
  }
}

public struct BoolColumn: Sendable {
  /// Shape `[rows]`.
  public let values: [Bool]
  public let validity: Validity

  public init(_ values: [Bool], validity: Validity? = nil) {
    self.values = values
    self.validity = validity ?? Validity(allPresent: values.count)
  }
}

/// Strings as dense ids into a dictionary.
public struct StringColumn: Sendable {
  /// Shape `[rows]`; the id of an absent row is a valid id of `dictionary` or 0.
  public let ids: [UInt32]
  public let dictionary: StringDictionary
  public let validity: Validity

  public init(ids: [UInt32], dictionary: StringDictionary, validity: Validity? = nil) {
    self.ids = ids
    self.dictionary = dictionary
    self.validity = validity ?? Validity(allPresent: ids.count)
  }

  public init(_ values: [String?], dictionary: StringDictionary = StringDictionary()) {
    self.init(
      ids: values.map { dictionary.intern($0 ?? "") }, dictionary: dictionary,
      validity: Validity(values.map { $0 != nil }))
  }
}

/// Strings as UTF-8 bytes laid end to end.
public struct PlainStringColumn: Sendable {
  public let bytes: [UInt8]
  /// Row `i` is `bytes[offsets[i]..<offsets[i + 1]]`; shape `[rows + 1]`.
  public let offsets: [UInt32]
  public let validity: Validity

  public init(bytes: [UInt8], offsets: [UInt32], validity: Validity? = nil) {
    self.bytes = bytes
    self.offsets = offsets
    self.validity = validity ?? Validity(allPresent: offsets.count - 1)
  }
}

/// Zero or more elements a row.
public struct ListColumn: Sendable {
  /// The elements of all rows, end to end.
  public let elements: Column
  /// Row `i` holds elements `offsets[i]..<offsets[i + 1]`; shape `[rows + 1]`.
  public let offsets: [UInt32]
  public let validity: Validity

  public init(elements: Column, offsets: [UInt32], validity: Validity? = nil) {
    self.elements = elements
    self.offsets = offsets
    self.validity = validity ?? Validity(allPresent: offsets.count - 1)
  }
}
