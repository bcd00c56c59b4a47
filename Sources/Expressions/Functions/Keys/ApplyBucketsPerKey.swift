import Columns

extension RowFunction {
  /// As ``applyBuckets`` with the boundaries of the row's key; −1 for a key that is not there.
  static let applyBucketsPerKey = RowFunction(
    "apply_buckets_per_key", [.required("x"), .required("key"), .required("table")],
    "the number of the key's boundaries ≤ x; -1 for an unknown key"
  ) { site in
    _ = try site.number(0)
    try site.key(1)
    let table = try site.table("table")
    for key in 0..<table.keys.count {
      guard zip(table[key], table[key].dropFirst()).allSatisfy({ $0 <= $1 }) else {
        throw site.fail("the boundaries of '\(table.keys.string(key))' must ascend")
      }
    }
    return CompiledCall(
      type: .int64, inputs: [0, 1],
      kernel: BucketsPerKeyKernel(positions: KeyPositions(table.keys), table: table))
  }
}

struct BucketsPerKeyKernel: RowKernel {
  var positions: KeyPositions
  let table: KeyedTable

  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let x = inputs[0].doubles()
    let positions = positions.positions(inputs[1])
    let validity = inputs.commonValidity(rowCount)
    var values = [Int64](repeating: -1, count: rowCount)
    for row in 0..<rowCount where validity.isPresent(row) && positions[row] >= 0 {
      let start = Int(positions[row]) * table.width
      values[row] = Int64(
        BucketKernel.bucket(of: x[row], table.values, start..<start + table.width) - start)
    }
    return .int64(Int64Column(values, validity: validity))
  }
}
