import Columns

/// Interns the concatenation of two strings, each pair of ids once.
///
/// As in ``DictionaryCache``, the pairs of at most ``limit`` pairs of dictionaries are remembered.
struct PairInterner: Sendable {
  private static let limit = 64
  private let separator: [UInt8]
  private var output: StringDictionary?
  private var tables: [Table] = []

  init(separator: [UInt8]) { self.separator = separator }

  /// `one`, the separator and `two` in each row; missing where `validity` says so.
  mutating func join(
    _ one: StringColumn, _ two: StringColumn, _ validity: Validity
  ) -> StringColumn {
    let dictionary = output ?? StringDictionary()
    output = dictionary
    let slot = slot(one.dictionary, two.dictionary)
    var table = Table(one.dictionary, two.dictionary)
    swap(&table, &tables[slot])
    var ids = [UInt32](repeating: dictionary.intern(""), count: validity.count)
    for row in 0..<validity.count where validity.isPresent(row) {
      let key = UInt64(one.ids[row]) << 32 | UInt64(two.ids[row])
      let place = table.place(of: key)
      if let id = table.id(at: place) {
        ids[row] = id
      } else {
        let text =
          one.dictionary.bytes(one.ids[row]) + separator + two.dictionary.bytes(two.ids[row])
        ids[row] = dictionary.intern(bytes: text[...])
        table.insert(key, ids[row], at: place)
      }
    }
    swap(&table, &tables[slot])
    return StringColumn(ids: ids, dictionary: dictionary, validity: validity)
  }

  private mutating func slot(_ one: StringDictionary, _ two: StringDictionary) -> Int {
    if let slot = tables.firstIndex(where: { $0.one === one && $0.two === two }) { return slot }
    if tables.count == Self.limit { tables = [] }
    tables.append(Table(one, two))
    return tables.count - 1
  }

  /// Ids by pair; open addressing.
  private struct Table: Sendable {
    let one: StringDictionary
    let two: StringDictionary
    private var keys: [UInt64] = [UInt64](repeating: 0, count: 64)
    /// The id plus one; zero marks an empty place.
    private var marks: [UInt32] = [UInt32](repeating: 0, count: 64)
    private var count = 0

    init(_ one: StringDictionary, _ two: StringDictionary) {
      self.one = one
      self.two = two
    }

    /// Where `key` is, or would be.
    func place(of key: UInt64) -> Int {
      // The high half of the product by an odd constant mixes all bits of both ids.
      let mixed = key.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
      var place = Int(truncatingIfNeeded: mixed.high ^ mixed.low) & (keys.count - 1)
      while marks[place] != 0 && keys[place] != key { place = (place + 1) & (keys.count - 1) }
      return place
    }

    func id(at place: Int) -> UInt32? { marks[place] == 0 ? nil : marks[place] - 1 }

    mutating func insert(_ key: UInt64, _ id: UInt32, at place: Int) {
      keys[place] = key
      marks[place] = id + 1
      count += 1
      if 2 * count > keys.count { grow() }
    }

    private mutating func grow() {
      let oldKeys = keys
      let oldMarks = marks
      keys = [UInt64](repeating: 0, count: 2 * oldKeys.count)
      marks = [UInt32](repeating: 0, count: 2 * oldKeys.count)
      for (key, mark) in zip(oldKeys, oldMarks) where mark != 0 {
        let place = place(of: key)
        keys[place] = key
        marks[place] = mark
      }
    }
  }
}
