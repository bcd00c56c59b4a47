import Columns

extension RowFunction {
  /// As `tf.strings.split`: without a separator, words between runs of ASCII space, none of them
  /// empty; with one, every part, empty ones too (`'a,,b'` has three, `''` has one).
  static let split = RowFunction(
    "split", [.required("x"), .optional("sep", .none)],
    "the parts of x between separators; words if there is none", isElementwise: false,
    readsPlainStrings: true
  ) { site in
    _ = try site.string(0)
    var separator: [UInt8] = []
    if !site.isNone("sep") { separator = Array(try site.text("sep").utf8) }
    return CompiledCall(
      type: .list(.string), inputs: [0], kernel: SplitKernel(separator: separator))
  }
}

/// Interns the parts into a dictionary of its own, and a new one where that has become large.
struct SplitKernel: RowKernel {
  private let byteLimit: Int
  private let cutter: TextCutter
  private var words: StringDictionary?
  private var cache = DictionaryCache<[UInt32]>()

  init(separator: [UInt8], byteLimit: Int = 64 << 20) {
    cutter = TextCutter(separator: separator)
    self.byteLimit = byteLimit
  }

  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    if let words, words.byteCount > byteLimit {
      self.words = nil
      cache = DictionaryCache()
    }
    let dictionary = words ?? StringDictionary()
    words = dictionary
    let cutter = cutter
    var ids: [UInt32] = []
    var offsets: [UInt32] = [0]
    offsets.reserveCapacity(rowCount + 1)
    switch inputs[0] {
    case .plain(let column):
      var bounds: [WordBounds] = []
      bounds.reserveCapacity(column.bytes.count / 4 + rowCount)
      cutter.cut(column, rowCount, into: &bounds, ends: &offsets)
      ids = dictionary.intern(bounds, of: column.bytes)
    case .string(let column):
      let lists = cache.map(column, filler: []) { source, id in
        let bytes = source.bytes(id)
        var bounds: [WordBounds] = []
        cutter.cut(bytes, 0, bytes.count, into: &bounds)
        return dictionary.intern(bounds, of: bytes)
      }
      for row in 0..<rowCount {
        if column.validity.isPresent(row) { ids.append(contentsOf: lists[row]) }
        offsets.append(UInt32(ids.count))
      }
    default: preconditionFailure("not a column of strings")
    }
    let elements = Column.string(StringColumn(ids: ids, dictionary: dictionary))
    return .list(ListColumn(elements: elements, offsets: offsets, validity: inputs[0].validity))
  }
}

/// Finds the parts of a text between separators.
private struct TextCutter: Sendable {
  /// Empty for runs of space.
  let separator: [UInt8]

  /// Cuts every row of `column`; `ends` takes how many parts there are after each.
  func cut(
    _ column: PlainStringColumn, _ rowCount: Int, into bounds: inout [WordBounds],
    ends: inout [UInt32]
  ) {
    guard separator.count != 1 else {
      return cutAtByte(column, rowCount, into: &bounds, ends: &ends)
    }
    for row in 0..<rowCount {
      if column.validity.isPresent(row) {
        cut(column.bytes, Int(column.offsets[row]), Int(column.offsets[row + 1]), into: &bounds)
      }
      ends.append(UInt32(bounds.count))
    }
  }

  func cut(_ bytes: [UInt8], _ start: Int, _ end: Int, into bounds: inout [WordBounds]) {
    if separator.isEmpty {
      cutAtSpace(bytes, start, end, into: &bounds)
    } else {
      cutAtText(bytes, start, end, into: &bounds)
    }
  }

  /// Looks for the separator once in the text of all rows.
  private func cutAtByte(
    _ column: PlainStringColumn, _ rowCount: Int, into bounds: inout [WordBounds],
    ends: inout [UInt32]
  ) {
    let positions = column.bytes.positions(of: separator[0])
    var next = 0
    for row in 0..<rowCount {
      if column.validity.isPresent(row) {
        var from = column.offsets[row]
        let end = column.offsets[row + 1]
        // What an absent row holds is passed over.
        while next < positions.count, positions[next] < from { next += 1 }
        while next < positions.count, positions[next] < end {
          bounds.append(WordBounds(start: from, end: positions[next]))
          from = positions[next] + 1
          next += 1
        }
        bounds.append(WordBounds(start: from, end: end))
      }
      ends.append(UInt32(bounds.count))
    }
  }

  private func cutAtSpace(
    _ bytes: [UInt8], _ start: Int, _ end: Int, into bounds: inout [WordBounds]
  ) {
    var from = start
    for index in start..<end where ASCIISpace.contains(bytes[index]) {
      if from < index { bounds.append(WordBounds(start: UInt32(from), end: UInt32(index))) }
      from = index + 1
    }
    if from < end { bounds.append(WordBounds(start: UInt32(from), end: UInt32(end))) }
  }

  private func cutAtText(
    _ bytes: [UInt8], _ start: Int, _ end: Int, into bounds: inout [WordBounds]
  ) {
    var from = start
    var index = start
    while index + separator.count <= end {
      if bytes[index..<index + separator.count].elementsEqual(separator) {
        bounds.append(WordBounds(start: UInt32(from), end: UInt32(index)))
        index += separator.count
        from = index
      } else {
        index += 1
      }
    }
    bounds.append(WordBounds(start: UInt32(from), end: UInt32(end)))
  }
}
