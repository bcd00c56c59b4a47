import Columns

/// The integers of a list as the terms of a document; together with ``RowFunction/distinct`` and
/// ``RowFunction/gather`` they make TFT's `tfidf`. Missing elements are left out.
extension RowFunction {
  static let sort = RowFunction(
    "sort", [.required("x")], "the integers of a list, ascending", isElementwise: false
  ) { site in
    _ = try site.type(0, "a list of ints") { $0 == .list(.int64) }
    return CompiledCall(type: .list(.int64), inputs: [0], kernel: TermsKernel(isCounting: false))
  }

  static let termFrequencies = RowFunction(
    "term_frequencies", [.required("x")],
    "of each distinct integer of a list, ascending, the share of the list that it is",
    isElementwise: false
  ) { site in
    _ = try site.type(0, "a list of ints") { $0 == .list(.int64) }
    return CompiledCall(
      type: .list(.float64), inputs: [0], kernel: TermsKernel(isCounting: true))
  }
}

struct TermsKernel: RowKernel {
  /// Whether shares are wanted, not the integers.
  let isCounting: Bool

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    guard case .list(let list) = inputs[0] else { preconditionFailure("not a list column") }
    let terms = list.elements.integers()
    let present = list.elements.validity
    var sorted: [Int64] = []
    var shares: [Double] = []
    var offsets: [UInt32] = [0]
    for row in 0..<rowCount {
      if list.validity.isPresent(row) {
        let range = Int(list.offsets[row])..<Int(list.offsets[row + 1])
        let held = range.filter(present.isPresent).map { terms[$0] }.sorted()
        if isCounting { Self.append(sharesOf: held, to: &shares) } else { sorted += held }
      }
      offsets.append(UInt32(isCounting ? shares.count : sorted.count))
    }
    let elements: Column =
      isCounting ? .float64(Float64Column(shares)) : .int64(Int64Column(sorted))
    return .list(ListColumn(elements: elements, offsets: offsets, validity: list.validity))
  }

  private static func append(sharesOf held: [Int64], to shares: inout [Double]) {
    var start = 0
    while start < held.count {
      var end = start + 1
      while end < held.count, held[end] == held[start] { end += 1 }
      shares.append(Double(end - start) / Double(held.count))
      start = end
    }
  }
}
