import Columns

/// Dense ids for the values of one key column; id 0 is *missing*.
struct KeyInterner {
  private var values: [KeyValue] = [.missing]
  private var idsOfBits: [UInt64: UInt32] = [:]
  /// Interns strings that come without ids.
  private var dictionary: StringDictionary?
  /// The dictionary that the column's ids are of.
  private var known: StringDictionary?
  /// The id of each dictionary entry of a string column, 0 where none was given yet.
  private var idsOfEntries: [UInt32] = []
  /// The ids of strings, once the column has had another dictionary.
  private var idsOfStrings: [[UInt8]: UInt32]?

  /// Ids are below it.
  var count: Int { values.count }

  func value(_ id: UInt32) -> KeyValue { values[Int(id)] }

  /// The id of each row; shape `[rows]`.
  mutating func assign(_ column: Column) -> [UInt32] {
    switch column {
    case .string(let column): return assign(column)
    case .int64(let column):
      return column.values.indices.map { row in
        guard column.validity.isPresent(row) else { return 0 }
        let value = column.values[row]
        return id(ofBits: UInt64(bitPattern: value)) { .int64(value) }
      }
    case .float64(let column):
      return column.values.indices.map { row in
        guard column.validity.isPresent(row) else { return 0 }
        let value = column.values[row].isNaN ? Double.nan : column.values[row]
        return id(ofBits: value.bitPattern) { .float64(value) }
      }
    case .bool(let column):
      return column.values.indices.map { row in
        guard column.validity.isPresent(row) else { return 0 }
        let value = column.values[row]
        return id(ofBits: value ? 1 : 0) { .bool(value) }
      }
    case .plain(let column):
      let dictionary = self.dictionary ?? StringDictionary()
      self.dictionary = dictionary
      return assign(column.interned(in: dictionary))
    case .list:
      preconditionFailure("a list column is no grouping key; the configuration is checked for it")
    }
  }

  private mutating func assign(_ column: StringColumn) -> [UInt32] {
    if let known, known !== column.dictionary { forgetEntries() }
    known = column.dictionary
    if idsOfEntries.count < column.dictionary.count {
      let missing = column.dictionary.count - idsOfEntries.count
      idsOfEntries.append(contentsOf: repeatElement(0, count: missing + idsOfEntries.count / 2))
    }
    if let known = knownIDs(of: column) { return known }
    var table = idsOfEntries
    idsOfEntries = []
    var result = [UInt32](repeating: 0, count: column.ids.count)
    for row in column.ids.indices where column.validity.isPresent(row) {
      let entry = Int(column.ids[row])
      var id = table[entry]
      if id == 0 {
        id = self.id(of: column.dictionary.string(column.ids[row]))
        table[entry] = id
      }
      result[row] = id
    }
    idsOfEntries = table
    return result
  }

  /// The id of each row if none is missing or new, as is the rule.
  private func knownIDs(of column: StringColumn) -> [UInt32]? {
    guard column.validity.allPresent else { return nil }
    var result = column.ids
    var rows = result.mutableSpan
    let table = idsOfEntries.span
    var least = UInt32.max
    for row in 0..<rows.count {
      let id = table[Int(rows[row])]
      least = min(least, id)
      rows[row] = id
    }
    return least == 0 ? nil : result
  }

  /// What comes has another dictionary: strings are known by themselves from now on.
  private mutating func forgetEntries() {
    idsOfEntries = []
    if idsOfStrings != nil { return }
    idsOfStrings = [:]
    for (id, value) in values.enumerated() {
      if case .string(let text) = value { idsOfStrings?[Array(text.utf8)] = UInt32(id) }
    }
  }

  /// The id of a string that no entry has brought yet.
  private mutating func id(of text: String) -> UInt32 {
    let id = UInt32(values.count)
    if idsOfStrings != nil {
      let bytes = Array(text.utf8)
      if let known = idsOfStrings?[bytes] { return known }
      idsOfStrings?[bytes] = id
    }
    values.append(.string(text))
    return id
  }

  private mutating func id(ofBits bits: UInt64, _ value: () -> KeyValue) -> UInt32 {
    if let id = idsOfBits[bits] { return id }
    let id = UInt32(values.count)
    idsOfBits[bits] = id
    values.append(value())
    return id
  }
}

/// Dense ids for pairs of dense ids.
struct PairTable {
  /// `firsts × stride` ids plus one, while that is small; else empty.
  private var dense: [UInt32] = []
  private var stride = 16
  private var sparse: [UInt64: UInt32] = [:]
  private var pairs: [(UInt32, UInt32)] = []
  private static let denseLimit = 1 << 18

  var count: Int { pairs.count }

  func parts(of id: UInt32) -> (UInt32, UInt32) { pairs[Int(id)] }

  /// Replaces each of `groups` by the id of its pair with `next`; both are below the counts.
  mutating func combine(
    _ groups: inout [UInt32], below firstCount: Int, with next: [UInt32], below secondCount: Int
  ) {
    guard !groups.isEmpty else { return }
    if sparse.isEmpty, makeRoom(firstCount - 1, secondCount - 1) {
      var table = dense
      dense = []
      var marks = table.mutableSpan
      var targets = groups.mutableSpan
      let others = next.span
      precondition(targets.count == others.count, "key columns differ in length")
      for row in 0..<targets.count {
        let place = Int(targets[row]) &* stride &+ Int(others[row])
        var mark = marks[place]
        if mark == 0 {
          pairs.append((targets[row], others[row]))
          mark = UInt32(pairs.count)
          marks[place] = mark
        }
        targets[row] = mark &- 1
      }
      dense = table
      return
    }
    for row in groups.indices {
      let pair = UInt64(groups[row]) << 32 | UInt64(next[row])
      if let id = sparse[pair] {
        groups[row] = id
        continue
      }
      let id = UInt32(pairs.count)
      pairs.append((groups[row], next[row]))
      sparse[pair] = id
      groups[row] = id
    }
  }

  /// Whether the dense table covers ids up to the given ones; else the pairs move to the sparse.
  private mutating func makeRoom(_ first: Int, _ second: Int) -> Bool {
    if second < stride, first < dense.count / stride { return true }
    var wide = stride
    while wide <= second { wide *= 2 }
    let rows = max(16, 2 * (first + 1), dense.count / stride)
    guard wide * rows <= Self.denseLimit else {
      dense = []
      for (id, pair) in pairs.enumerated() {
        sparse[UInt64(pair.0) << 32 | UInt64(pair.1)] = UInt32(id)
      }
      return false
    }
    stride = wide
    dense = [UInt32](repeating: 0, count: wide * rows)
    for (id, pair) in pairs.enumerated() {
      dense[Int(pair.0) * wide + Int(pair.1)] = UInt32(id + 1)
    }
    return true
  }
}
