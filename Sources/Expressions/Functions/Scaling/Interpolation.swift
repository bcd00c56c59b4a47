import Columns

extension RowFunction {
  /// As TFT's `apply_buckets_with_interpolation`: 0 below the first boundary, 1 from the last on,
  /// NaN 0.5; a bucket of no width counts as passed by half. Boundaries that are not finite are
  /// left out; with a single one the result is 0 or 1.
  static let applyBucketsWithInterpolation = RowFunction(
    "apply_buckets_with_interpolation", [.required("x"), .required("bucket_boundaries")],
    "where x lies among the boundaries, linear between them, in 0…1"
  ) { site in
    _ = try site.number(0)
    let boundaries = try site.constant("bucket_boundaries", "a list of numbers as a") {
      $0.doubles?.filter(\.isFinite)
    }
    guard zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw site.fail("'bucket_boundaries' must ascend")
    }
    return CompiledCall(
      type: .float64, inputs: [0], kernel: InterpolationKernel(boundaries: boundaries))
  }
}

struct InterpolationKernel: RowKernel {
  /// Ascending and finite; when there is none, as before the first row, all is NaN.
  let boundaries: [Double]

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let values = inputs[0].doubles().map(position)
    return .float64(Float64Column(values, validity: inputs[0].validity))
  }

  private func position(_ x: Double) -> Double {
    let count = boundaries.count
    guard count > 0 else { return .nan }
    let bucket = BucketKernel.bucket(of: x, boundaries, 0..<count)
    if count == 1 { return bucket == 0 ? 0 : 1 }
    if x.isNaN { return 0.5 }
    if bucket == 0 { return 0 }
    if bucket == count { return 1 }
    let (low, high) = (boundaries[bucket - 1], boundaries[bucket])
    let share = high == low ? 0.5 : (x - low) / (high - low)
    return (Double(bucket - 1) + share) / Double(count - 1)
  }
}
