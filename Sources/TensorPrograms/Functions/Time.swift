import Columns

/// Parts of timestamps, in UTC.
enum TensorTime {
  static let functions: [TensorFunction] = [
    TensorFunction("hour_of_day") { cycle(&$0, $1, unit: 3_600_000_000, offset: 0, length: 24) },
    TensorFunction("day_of_week") { cycle(&$0, $1, unit: 86_400_000_000, offset: 3, length: 7) },
  ]

  private static func cycle(
    _ builder: inout TensorProgramBuilder, _ call: TensorCall, unit: Int64, offset: Int64,
    length: Int64
  ) -> TensorValue {
    let x = call.value(0)
    let units = builder.binary(.floorDivide, x.values, builder.integer(unit))
    let shifted = builder.binary(.add, units, builder.integer(offset))
    var result = x.with(
      .int64, builder.binary(.floorModulo, shifted, builder.integer(length)))
    result.domain = 0...(length - 1)
    return result
  }
}
