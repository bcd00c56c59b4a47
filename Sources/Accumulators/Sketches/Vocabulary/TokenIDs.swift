import Columns

/// Gives the tokens of batches dense ids, those of the column's own dictionary where possible.
///
/// As long as every batch brings the same dictionary its ids are used as they are. With a second
/// dictionary, or tokens that have none, the strings move into a dictionary of this value's own,
/// in id order, so that the ids given before stay valid.
struct TokenIDs: Sendable {
  private var dictionary: StringDictionary?
  private var isOwned = false
  /// The latest dictionary other than `dictionary`, and the own ids of its ids, plus one.
  private var foreign: StringDictionary?
  private var foreignIDs: [UInt32] = []

  /// Ids are below it.
  var count: Int { dictionary?.count ?? 0 }

  /// Bytes held, without a dictionary that is a column's.
  var byteCount: Int { (isOwned ? dictionary?.byteCount ?? 0 : 0) + foreignIDs.capacity * 4 }

  /// The ids of the elements of a column; those of absent elements are unspecified.
  mutating func ids(of tokens: TokenColumn) -> [UInt32] {
    if case .string(let column) = tokens.elements {
      if dictionary == nil { dictionary = column.dictionary }
      if dictionary === column.dictionary { return column.ids }
      return foreignIDs(of: column)
    }
    let own = ownDictionary()
    if case .plain(let column) = tokens.elements { return column.interned(in: own).ids }
    var ids = [UInt32](repeating: 0, count: tokens.elements.rowCount)
    tokens.forEachElement { _, element in
      ids[element] = Self.intern(tokens.bytes(element), in: own)
    }
    return ids
  }

  private mutating func foreignIDs(of column: StringColumn) -> [UInt32] {
    let own = ownDictionary()
    if foreign !== column.dictionary {
      foreign = column.dictionary
      foreignIDs = []
    }
    if foreignIDs.count < column.dictionary.count {
      foreignIDs.append(
        contentsOf: repeatElement(0, count: column.dictionary.count - foreignIDs.count))
    }
    return column.ids.map { id in
      // The id of an absent row may be 0 in an empty dictionary.
      guard Int(id) < foreignIDs.count else { return 0 }
      if foreignIDs[Int(id)] == 0 {
        let ownID = unsafe column.dictionary.withBytes(of: id) { unsafe own.intern($0) }
        foreignIDs[Int(id)] = ownID + 1
      }
      return foreignIDs[Int(id)] - 1
    }
  }

  /// A dictionary that this value may add to.
  private mutating func ownDictionary() -> StringDictionary {
    if isOwned, isKnownUniquelyReferenced(&dictionary), let dictionary { return dictionary }
    let own = StringDictionary()
    if let dictionary {
      for id in 0..<UInt32(dictionary.count) {
        _ = unsafe dictionary.withBytes(of: id) { unsafe own.intern($0) }
      }
    }
    dictionary = own
    isOwned = true
    return own
  }

  private static func intern(_ bytes: [UInt8], in dictionary: StringDictionary) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe dictionary.intern($0) }
  }

  /// The own id of a token on its own.
  mutating func id(of token: [UInt8]) -> UInt32 { Self.intern(token, in: ownDictionary()) }

  /// The own ids of the ids of `other`, where `isUsed`.
  mutating func ids(of other: TokenIDs, where isUsed: [Bool]) -> [UInt32] {
    guard let source = other.dictionary else { return [] }
    let own = ownDictionary()
    return (0..<UInt32(isUsed.count)).map { id in
      isUsed[Int(id)] ? unsafe source.withBytes(of: id) { unsafe own.intern($0) } : 0
    }
  }

  func bytes(_ id: UInt32) -> [UInt8] {
    guard let dictionary else { preconditionFailure("no token \(id)") }
    return unsafe dictionary.withBytes(of: id) { unsafe Array($0) }
  }

  /// The first eight bytes, as a number in their order; 0 past the end.
  func prefix(_ id: UInt32) -> UInt64 {
    guard let dictionary else { preconditionFailure("no token \(id)") }
    return unsafe dictionary.withBytes(of: id) { bytes in
      var prefix: UInt64 = 0
      for index in 0..<min(8, bytes.count) {
        unsafe prefix |= UInt64(bytes[index]) << UInt64(56 - 8 * index)
      }
      return prefix
    }
  }

  func isOrdered(_ first: UInt32, before second: UInt32) -> Bool {
    dictionary?.isOrdered(first, before: second) ?? false
  }
}
