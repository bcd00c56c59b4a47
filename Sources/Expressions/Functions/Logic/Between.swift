import Columns

extension RowFunction {
  /// One pass where `x >= low and x <= high` takes three.
  static let between = RowFunction(
    "between", [.required("x"), .required("low"), .required("high")],
    "low <= x and x <= high, for constant bounds; NaN is never between"
  ) { site in
    _ = try site.number(0)
    let kernel = BetweenKernel(low: try site.double("low"), high: try site.double("high"))
    return CompiledCall(type: .bool, inputs: [0], kernel: kernel)
  }
}

struct BetweenKernel: RowKernel {
  let low: Double
  let high: Double

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let (low, high) = (low, high)
    let x = inputs[0].doubles()
    var result = [Bool](repeating: false, count: x.count)
    let values = x.span
    var rows = result.mutableSpan
    precondition(values.count == rows.count)
    // `&` on integers, not `&&`: no branch.
    for row in 0..<rows.count {
      rows[row] = (values[row] >= low ? 1 : 0) & (values[row] <= high ? 1 : 0) != 0
    }
    return .bool(BoolColumn(result, validity: inputs[0].validity))
  }
}
