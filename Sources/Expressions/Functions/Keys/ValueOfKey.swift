import Columns

extension RowFunction {
  /// With ``applyZScore`` and ``applyMinMax`` it makes the mappers of TFT that scale by key.
  static let valueOfKey = RowFunction(
    "value_of_key",
    [
      .required("key"), .required("table"), .optional("index", .integer(0)),
      .optional("default", .number(0)),
    ],
    "number `index` of the key in a table; the default for a key that is not there"
  ) { site in
    try site.key(0)
    let table = try site.table("table")
    let index = try site.int("index")
    guard index >= 0, index < table.width || table.keys.count == 0 else {
      throw site.fail("'index' must be in 0..<\(table.width)")
    }
    let values = (0..<table.keys.count).map { table.values[$0 * table.width + index] }
    return CompiledCall(
      type: .float64, inputs: [0],
      kernel: ValueOfKeyKernel(
        positions: KeyPositions(table.keys), values: values,
        fallback: try site.double("default")))
  }
}

struct ValueOfKeyKernel: RowKernel {
  var positions: KeyPositions
  /// Parallel to the keys.
  let values: [Double]
  let fallback: Double

  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let rows = positions.positions(inputs[0]).map { $0 < 0 ? fallback : values[Int($0)] }
    return .float64(Float64Column(rows, validity: inputs[0].validity))
  }
}
