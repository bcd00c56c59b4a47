import Columns

/// Applies a kernel to the elements of a list column.
struct ListKernel: RowKernel {
  /// Where an input of the inner kernel comes from.
  enum Input: Hashable {
    /// The elements of the list.
    case elements
    /// The same value for every element.
    case constant(ConstantValue)
    /// A value a row, which is not supported.
    case row

    init(_ argument: CallSite.Argument, isList: Bool) {
      self = isList ? .elements : argument.constant.map(Self.constant) ?? .row
    }
  }

  var inner: any RowKernel
  let inputs: [Input]

  mutating func evaluate(_ columns: [Column], rowCount: Int) -> Column {
    guard case .list(let list) = columns[0] else { preconditionFailure("not a list column") }
    let count = list.elements.rowCount
    let given = inputs.map { input in
      switch input {
      case .elements: list.elements
      case .constant(let value): value.column(count)
      case .row: preconditionFailure("a list is combined with constants only")
      }
    }
    let elements = inner.evaluate(given, rowCount: count)
    return .list(ListColumn(elements: elements, offsets: list.offsets, validity: list.validity))
  }
}
