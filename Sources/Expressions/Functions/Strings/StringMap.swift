import Columns

/// A pure function of a string's bytes.
protocol StringFunction: Sendable {
  associatedtype Value: Sendable
  /// Stands in the place of absent rows.
  static var filler: Value { get }
  func value(of bytes: ArraySlice<UInt8>) -> Value
}

/// Results by dictionary id, for the dictionaries seen so far.
///
/// Each id is computed once. At most ``limit`` dictionaries of ``byteLimit`` together are remembered
/// (and kept alive); then all are forgotten, which costs time, never the answer.
struct DictionaryCache<Value: Sendable>: Sendable {
  static var limit: Int { 64 }
  static var byteLimit: Int { 128 << 20 }
  private var dictionaries: [StringDictionary] = []
  private var results: [[Value]] = []

  /// The result for each row of `column`; `filler` where its dictionary is empty.
  mutating func map(
    _ column: StringColumn, filler: Value, _ compute: (StringDictionary, UInt32) -> Value
  ) -> [Value] {
    let slot = slot(of: column.dictionary)
    let count = column.dictionary.count
    if results[slot].count < count {
      results[slot].reserveCapacity(count)
      for id in results[slot].count..<count {
        results[slot].append(compute(column.dictionary, UInt32(id)))
      }
    }
    let held = results[slot]
    if held.isEmpty { return [Value](repeating: filler, count: column.ids.count) }
    return column.ids.map { held[Int($0)] }
  }

  private mutating func slot(of dictionary: StringDictionary) -> Int {
    if let slot = dictionaries.firstIndex(where: { $0 === dictionary }) { return slot }
    let byteCount = dictionaries.reduce(0) { $0 + $1.byteCount }
    if dictionaries.count == Self.limit || byteCount > Self.byteLimit {
      dictionaries = []
      results = []
    }
    dictionaries.append(dictionary)
    results.append([])
    return dictionaries.count - 1
  }
}

/// Applies a ``StringFunction`` to columns: once an id, or once a row of plain strings.
struct StringMap<Function: StringFunction>: Sendable {
  private let function: Function
  private var cache = DictionaryCache<Function.Value>()

  init(_ function: Function) { self.function = function }

  /// The value for each row; unspecified where the row is absent.
  mutating func values(_ column: Column) -> [Function.Value] {
    switch column {
    case .string(let strings):
      let function = function
      return cache.map(strings, filler: Function.filler) { dictionary, id in
        function.value(of: dictionary.bytes(id)[...])
      }
    case .plain(let plain):
      return (0..<plain.validity.count).map { row in
        function.value(of: plain.bytes[Int(plain.offsets[row])..<Int(plain.offsets[row + 1])])
      }
    default: preconditionFailure("not a column of strings")
    }
  }
}
