import Columns

extension RowFunction {
  /// As `tf.one_hot`: an index outside `0..<depth` gives zeros only.
  static let oneHot = RowFunction(
    "one_hot", [.required("x"), .required("depth")],
    "depth floats, 1 at position x and 0 elsewhere", isElementwise: false
  ) { site in
    _ = try site.type(0, "an int") { $0 == .int64 }
    let depth = try site.int("depth")
    guard (1...65_536).contains(depth) else { throw site.fail("'depth' must be in 1…65536") }
    return CompiledCall(type: .list(.float64), inputs: [0], kernel: OneHotKernel(depth: depth))
  }
}

struct OneHotKernel: RowKernel {
  let depth: Int

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let x = inputs[0].integers()
    let validity = inputs[0].validity
    var elements = [Double](repeating: 0, count: rowCount * depth)
    for row in 0..<rowCount where x[row] >= 0 && x[row] < depth {
      elements[row * depth + Int(x[row])] = 1
    }
    let offsets = (0...rowCount).map { UInt32($0 * depth) }
    return .list(
      ListColumn(elements: .float64(Float64Column(elements)), offsets: offsets, validity: validity))
  }
}
