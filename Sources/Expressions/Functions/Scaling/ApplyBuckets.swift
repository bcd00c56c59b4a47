import Columns

extension RowFunction {
  /// As TFT: a boundary belongs to the bucket above it; −inf is in bucket 0, NaN in the last.
  static let applyBuckets = RowFunction(
    "apply_buckets", [.required("x"), .required("bucket_boundaries")],
    "the number of boundaries ≤ x"
  ) { site in
    _ = try site.number(0)
    let boundaries = try site.constant("bucket_boundaries", "a list of numbers as a") { $0.doubles }
    guard zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw site.fail("'bucket_boundaries' must ascend")
    }
    return CompiledCall(
      type: .int64, inputs: [0], kernel: BucketKernel(boundaries: boundaries))
  }
}

struct BucketKernel: RowKernel {
  /// Ascending.
  let boundaries: [Double]

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let x = inputs[0].doubles()
    var values = [Int64](repeating: 0, count: x.count)
    for row in 0..<x.count {
      values[row] = Int64(Self.bucket(of: x[row], boundaries, 0..<boundaries.count))
    }
    return .int64(Int64Column(values, validity: inputs[0].validity))
  }

  /// The first position in `range` whose boundary is above `value`, or the end.
  @inline(__always)
  static func bucket(of value: Double, _ boundaries: [Double], _ range: Range<Int>) -> Int {
    var low = range.lowerBound
    var high = range.upperBound
    while low < high {
      let middle = (low &+ high) >> 1
      // Not `boundary <= value`, so that NaN goes to the last bucket.
      if value < boundaries[middle] { high = middle } else { low = middle &+ 1 }
    }
    return low
  }
}
