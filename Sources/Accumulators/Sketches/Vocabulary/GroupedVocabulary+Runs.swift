public import ByteCoding

extension GroupedVocabulary {
  /// Runs of a level that a cell may have before they are merged into one.
  private static let mostRuns = 16
  /// An encoded vocabulary of more tokens is kept as a run.
  private static let mostDecoded = 1 << 16

  /// All that a cell holds.
  func allRuns(_ cell: Int) -> [TokenRun] {
    var writer = TokenRunWriter()
    write(cell, to: &writer)
    return [writer.run()] + (runs[UInt32(cell)] ?? [])
  }

  /// Appends the tokens in the table of a cell, in order.
  private func write(_ cell: Int, to writer: inout TokenRunWriter) {
    let (ids, counts) = counts.sums(cell)
    var weightOf: [UInt32: Int] = [:]
    let weighted = weights?.sums(cell)
    if let weighted { for (index, id) in weighted.keys.enumerated() { weightOf[id] = index } }
    let order = ids.indices.sorted { one, two in
      let (first, second) = (tokens.prefix(ids[one]), tokens.prefix(ids[two]))
      return first != second
        ? first < second : tokens.isOrdered(ids[one], before: ids[two])
    }
    for index in order {
      writer.add(tokens.bytes(ids[index])) { bytes in
        bytes.append(varint: UInt64(counts.value(index)))
        guard let weighted else { return counts.encode(index, into: &bytes) }
        guard let place = weightOf[ids[index]] else { return bytes.append(varint: 0) }
        weighted.sums.encode(place, into: &bytes)
      }
    }
  }

  public func encode(_ cell: Int, into writer: inout ByteWriter) {
    let runs = allRuns(cell).filter { $0.count > 0 }
    writer.append(FormatVersion.current)
    guard runs.count > 1 else {
      writer.append(varint: UInt64(runs.first?.count ?? 0))
      for block in runs.first?.blocks ?? [] {
        writer.append(contentsOf: block.bytes)
        writer.flushIfLong()
      }
      return
    }
    // How many differ, is known when they have been merged.
    writer.append(varint: UInt64(TokenMerge(runs).reduce(0) { count, _ in count + 1 }))
    for (token, totals) in TokenMerge(runs) {
      writer.append(lengthPrefixed: token)
      totals.encode(into: &writer)
      writer.flushIfLong()
    }
  }

  public mutating func decode(
    _ parameters: VocabularyParameters, into cell: UInt32, from reader: inout ByteReader
  ) throws(ByteCodingError) {
    var rest = reader
    try FormatVersion.read(from: &rest)
    let count = try FormatVersion.readCount(from: &rest)
    guard count > Self.mostDecoded else {
      return merge(single: try Single.decode(parameters, from: &reader), into: cell)
    }
    runs[cell, default: []].append(try TokenRun(count: count, from: &rest))
    reader = rest
  }

  public static var canSpill: Bool { true }

  public var spillableByteCount: Int {
    runs.values.joined().reduce(tokens.count == 0 ? 0 : tableByteCount) { $0 + $1.heldByteCount }
  }

  public var spilledByteCount: Int { runs.values.joined().reduce(0) { $0 + $1.spilledByteCount } }

  /// Writes the tokens of each cell as a sorted run, and merges runs where there are many.
  public mutating func spill(to store: any SpillStore) {
    counts.settle()
    weights?.settle()
    var places: [UInt32: TokenRunWriter.Place] = [:]
    let bytes = store.put { append in
      var end = 0
      for cell in 1..<max(1, cellCount) {
        var writer = TokenRunWriter(after: end, append)
        write(cell, to: &writer)
        let place = writer.place()
        end = place.end
        if place.count > 0 { places[UInt32(cell)] = place }
      }
    }
    guard let bytes else { return }
    for (cell, place) in places {
      runs[cell, default: []].append(place.run(in: bytes, level: 0))
    }
    tokens = TokenIDs()
    counts = KeyedSums()
    counts.grow(to: cellCount)
    if weights != nil {
      weights = KeyedSums()
      weights?.grow(to: cellCount)
    }
    for cell in runs.keys { mergeRuns(cell, store) }
  }

  /// Merges the runs of a cell that are in memory into one that is not, and so those of a level of
  /// which there are many.
  private mutating func mergeRuns(_ cell: UInt32, _ store: any SpillStore) {
    guard var all = runs[cell] else { return }
    let held = all.filter(\.isHeld)
    if !held.isEmpty, let merged = Self.merged(held, store, level: 0) {
      all = all.filter { !$0.isHeld } + [merged]
    }
    var level = 0
    while let last = all.map(\.level).max(), level <= last {
      let same = all.filter { $0.level == level }
      if same.count >= Self.mostRuns, let merged = Self.merged(same, store, level: level + 1) {
        all = all.filter { $0.level != level } + [merged]
      }
      level += 1
    }
    runs[cell] = all
  }

  private static func merged(
    _ runs: [TokenRun], _ store: any SpillStore, level: Int
  ) -> TokenRun? {
    var place: TokenRunWriter.Place?
    let bytes = store.put { append in
      var writer = TokenRunWriter(after: 0, append)
      for (token, totals) in TokenMerge(runs) { writer.add(token) { totals.encode(into: &$0) } }
      place = writer.place()
    }
    guard let bytes, let place else { return nil }
    return place.run(in: bytes, level: level)
  }
}
