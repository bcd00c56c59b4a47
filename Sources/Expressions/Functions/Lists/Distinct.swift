import Columns

extension RowFunction {
  static let distinct = RowFunction(
    "distinct", [.required("x")], "the list without what it holds already", isElementwise: false
  ) { site in
    let type = try site.type(0, "a list") { if case .list = $0 { true } else { false } }
    return CompiledCall(type: type, inputs: [0], kernel: DistinctKernel())
  }
}

struct DistinctKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    guard case .list(let list) = inputs[0] else { preconditionFailure("not a list column") }
    var kept: [Int] = []
    var offsets: [UInt32] = [0]
    for row in 0..<rowCount {
      let start = kept.count
      for element in Int(list.offsets[row])..<Int(list.offsets[row + 1])
      where !kept[start...].contains(where: { list.elements.isSame($0, element) }) {
        kept.append(element)
      }
      offsets.append(UInt32(kept.count))
    }
    return .list(
      ListColumn(
        elements: list.elements.gathered(kept), offsets: offsets, validity: list.validity))
  }
}

extension Column {
  /// Whether two rows hold the same value.
  fileprivate func isSame(_ one: Int, _ two: Int) -> Bool {
    guard validity.isPresent(one), validity.isPresent(two) else {
      return validity.isPresent(one) == validity.isPresent(two)
    }
    switch self {
    case .bool(let column): return column.values[one] == column.values[two]
    case .int64(let column): return column.values[one] == column.values[two]
    case .float64(let column): return column.values[one] == column.values[two]
    case .string(let column): return column.ids[one] == column.ids[two]
    case .plain(let column):
      func bytes(_ row: Int) -> ArraySlice<UInt8> {
        column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])]
      }
      return bytes(one).elementsEqual(bytes(two))
    case .list: return false
    }
  }
}
