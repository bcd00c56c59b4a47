import Columns

/// Applies a kernel to the elements of list columns, element by element.
///
/// Rows in which the lists differ in length are missing.
struct ListKernel: RowKernel {
  /// Where an input of the inner kernel comes from.
  enum Input: Hashable {
    /// The elements of a list, by its place among the columns.
    case elements(Int)
    /// The same value for every element.
    case constant(ConstantValue)
    /// A value a row, which is not supported.
    case row
  }

  var inner: any RowKernel
  let inputs: [Input]

  mutating func evaluate(_ columns: [Column], rowCount: Int) -> Column {
    let lists = Self.aligned(columns)
    let count = lists[0].elements.rowCount
    let given = inputs.map { input in
      switch input {
      case .elements(let index): lists[index].elements
      case .constant(let value): value.column(count)
      case .row: preconditionFailure("a list is combined with lists and constants only")
      }
    }
    let elements = inner.evaluate(given, rowCount: count)
    let validity = lists.map(Column.list).commonValidity(rowCount)
    return .list(ListColumn(elements: elements, offsets: lists[0].offsets, validity: validity))
  }

  /// The lists, all with the same offsets.
  private static func aligned(_ columns: [Column]) -> [ListColumn] {
    let lists = columns.map { column in
      guard case .list(let list) = column else { preconditionFailure("not a list column") }
      return list
    }
    let first = lists[0].offsets
    if lists.dropFirst().allSatisfy({ $0.offsets == first }) { return lists }
    let lengths = lists.map { list in
      zip(list.offsets, list.offsets.dropFirst()).map { $1 - $0 }
    }
    let isKept = lengths[0].indices.map { row in
      lengths.allSatisfy { $0[row] == lengths[0][row] }
    }
    return lists.map { list in
      var places: [Int] = []
      var offsets: [UInt32] = [0]
      for row in isKept.indices {
        if isKept[row] { places += Int(list.offsets[row])..<Int(list.offsets[row + 1]) }
        offsets.append(UInt32(places.count))
      }
      return ListColumn(
        elements: list.elements.gathered(places), offsets: offsets,
        validity: list.validity.intersection(Validity(isKept)))
    }
  }
}
