import Columns

extension RowFunction {
  static let hourOfDay = RowFunction(
    "hour_of_day", [.required("timestamp")], "0…23, in UTC"
  ) { site in
    _ = try site.type(0, "a timestamp") { $0 == .timestamp }
    return CompiledCall(
      type: .int64, inputs: [0], kernel: CycleKernel(unit: 3_600_000_000, offset: 0, length: 24))
  }

  /// The epoch was a Thursday, day 3.
  static let dayOfWeek = RowFunction(
    "day_of_week", [.required("timestamp")], "0 (Monday) … 6, in UTC"
  ) { site in
    _ = try site.type(0, "a timestamp") { $0 == .timestamp }
    return CompiledCall(
      type: .int64, inputs: [0], kernel: CycleKernel(unit: 86_400_000_000, offset: 3, length: 7))
  }
}

/// Where a timestamp lies in a cycle of `length` units.
struct CycleKernel: RowKernel {
  /// In microseconds.
  let unit: Int64
  /// The unit of the epoch in its cycle.
  let offset: Int64
  let length: Int64

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let values = inputs[0].integers().map { time in
      let units = time >= 0 ? time / unit : -((-(time + 1)) / unit) - 1
      let rest = (units + offset) % length
      return rest < 0 ? rest + length : rest
    }
    return .int64(Int64Column(values, validity: inputs[0].validity))
  }
}
