import Columns

/// `and`, `or`, `not` with three values: `false and missing` is false, `true or missing` is true,
/// else missing wins.
extension RowFunction {
  static let and = logic("and", "a and b; false and missing is false", isAnd: true)
  static let or = logic("or", "a or b; true or missing is true", isAnd: false)

  static let not = RowFunction("not", [.required("a")], "not a") { site in
    _ = try condition(site, 0)
    return CompiledCall(type: .bool, inputs: [0], kernel: NotKernel())
  }

  private static func logic(_ name: String, _ summary: String, isAnd: Bool) -> RowFunction {
    RowFunction(name, [.required("a"), .required("b")], summary) { site in
      _ = try condition(site, 0)
      _ = try condition(site, 1)
      return CompiledCall(type: .bool, inputs: [0, 1], kernel: LogicKernel(isAnd: isAnd))
    }
  }

  /// Checks that argument `index` is a bool.
  static func condition(_ site: CallSite, _ index: Int) throws(ExpressionError) -> DataType {
    try site.type(index, "a condition (a number is one as 'x != 0')") { $0 == .bool }
  }
}

struct LogicKernel: RowKernel {
  let isAnd: Bool

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let a = inputs[0].booleans()
    let b = inputs[1].booleans()
    let one = inputs[0].validity
    let two = inputs[1].validity
    if isAnd, one.allPresent, two.allPresent {
      if a.allTrue { return inputs[1] }
      if b.allTrue { return inputs[0] }
    }
    let values = isAnd ? compared(a, b) { $0 && $1 } : compared(a, b) { $0 || $1 }
    if one.allPresent && two.allPresent { return .bool(BoolColumn(values)) }
    var present = [Bool](repeating: false, count: rowCount)
    var result = values
    for row in 0..<rowCount {
      // A side that is present and equal to `!isAnd` decides alone.
      let isDecided =
        (one.isPresent(row) && a[row] != isAnd) || (two.isPresent(row) && b[row] != isAnd)
      present[row] = isDecided || (one.isPresent(row) && two.isPresent(row))
      if isDecided { result[row] = !isAnd }
    }
    return .bool(BoolColumn(result, validity: Validity(present)))
  }
}

struct NotKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    .bool(BoolColumn(inputs[0].booleans().map { !$0 }, validity: inputs[0].validity))
  }
}
