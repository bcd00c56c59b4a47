import Columns

/// The tokens of a batch: one a row, or a list of them a row.
struct TokenColumn {
  /// One token an element.
  var elements: Column
  /// Row `i` has elements `offsets[i]..<offsets[i + 1]`; `nil` when it has element `i`.
  var offsets: [UInt32]?
  /// Of the rows.
  var validity: Validity

  init(_ column: Column) {
    validity = column.validity
    if case .list(let list) = column {
      elements = list.elements
      offsets = list.offsets
    } else {
      elements = column
    }
  }

  /// Whether every element counts and they belong to the rows without gaps.
  var isWhole: Bool {
    guard validity.allPresent, elements.validity.allPresent else { return false }
    guard let offsets else { return true }
    return offsets.first == 0 && Int(offsets.last ?? 0) == elements.rowCount
  }

  /// The elements of a row.
  @inline(__always)
  func range(_ row: Int) -> Range<Int> {
    guard let offsets else { return row..<row + 1 }
    return Int(offsets[row])..<Int(offsets[row + 1])
  }

  /// Calls `body` with each row and present element.
  func forEachElement(_ body: (Int, Int) -> Void) {
    for row in 0..<validity.count where validity.isPresent(row) {
      for element in range(row) where elements.validity.isPresent(element) { body(row, element) }
    }
  }

  /// The bytes of one element.
  func bytes(_ element: Int) -> [UInt8] {
    switch elements {
    case .string(let column):
      return unsafe column.dictionary.withBytes(of: column.ids[element]) { unsafe Array($0) }
    case .plain(let column):
      return Array(
        column.bytes[Int(column.offsets[element])..<Int(column.offsets[element + 1])])
    case .int64(let column): return Array(String(column.values[element]).utf8)
    case .bool(let column): return Array((column.values[element] ? "1" : "0").utf8)
    case .float64, .list: preconditionFailure("tokens are strings or integers")
    }
  }
}

/// Whether a row of this weight counts.
@inline(__always)
func isUsable(weight: Double) -> Bool { weight.isFinite }
