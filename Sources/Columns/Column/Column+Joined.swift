extension Column {
  /// The rows of all `columns`, one after the other.
  ///
  /// - Precondition: there is one, and all are held in the same way; strings by id have one dictionary.
  public static func joined(_ columns: [Column]) -> Column {
    guard columns.count != 1 else { return columns[0] }
    let validity = Validity.joined(columns.map(\.validity))
    switch columns[0] {
    case .bool:
      let values = columns.flatMap { part -> [Bool] in
        if case .bool(let column) = part { column.values } else { [] }
      }
      return .bool(BoolColumn(values, validity: validity))
    case .int64:
      let values = columns.flatMap { part -> [Int64] in
        if case .int64(let column) = part { column.values } else { [] }
      }
      return .int64(Int64Column(values, validity: validity))
    case .float64:
      let values = columns.flatMap { part -> [Double] in
        if case .float64(let column) = part { column.values } else { [] }
      }
      return .float64(Float64Column(values, validity: validity))
    case .string(let first):
      let ids = columns.flatMap { column -> [UInt32] in
        guard case .string(let column) = column, column.dictionary === first.dictionary else {
          preconditionFailure("strings of several dictionaries")
        }
        return column.ids
      }
      return .string(StringColumn(ids: ids, dictionary: first.dictionary, validity: validity))
    case .plain:
      var bytes: [UInt8] = []
      var offsets: [UInt32] = [0]
      for case .plain(let column) in columns {
        offsets.append(after: column.offsets)
        bytes += column.bytes
      }
      return .plain(PlainStringColumn(bytes: bytes, offsets: offsets, validity: validity))
    case .list:
      var elements: [Column] = []
      var offsets: [UInt32] = [0]
      for case .list(let column) in columns {
        offsets.append(after: column.offsets)
        elements.append(column.elements)
      }
      return .list(
        ListColumn(elements: joined(elements), offsets: offsets, validity: validity))
    }
  }
}

extension [UInt32] {
  /// Appends the ends of rows that follow those that end here.
  fileprivate mutating func append(after offsets: [UInt32]) {
    let start = self[count - 1]
    append(contentsOf: offsets.dropFirst().map { $0 + start })
  }
}

extension Validity {
  fileprivate static func joined(_ parts: [Validity]) -> Validity {
    let count = parts.reduce(0) { $0 + $1.count }
    guard parts.contains(where: { !$0.allPresent }) else { return Validity(allPresent: count) }
    return Validity(parts.flatMap { part in (0..<part.count).map(part.isPresent) })
  }
}
