import Columns

/// Parts of timestamps, in UTC.
enum TensorTime {
  static let functions: [TensorFunction] = [
    TensorFunction("hour_of_day") { cycle(&$0, $1, unit: 3_600_000_000, offset: 0, length: 24) },
    TensorFunction("minute_of_hour") { cycle(&$0, $1, unit: 60_000_000, offset: 0, length: 60) },
    TensorFunction("second_of_minute") { cycle(&$0, $1, unit: 1_000_000, offset: 0, length: 60) },
    TensorFunction("year") { builder, call in
      let date = CivilDate(call.value(0).values, &builder)
      return call.value(0).with(.int64, date.year)
    },
    TensorFunction("month") { builder, call in
      let date = CivilDate(call.value(0).values, &builder)
      return call.value(0).with(.int64, date.month)
    },
    TensorFunction("day_of_month") { builder, call in
      let date = CivilDate(call.value(0).values, &builder)
      return call.value(0).with(.int64, date.day)
    },
    TensorFunction("day_of_year") { builder, call in
      let date = CivilDate(call.value(0).values, &builder)
      return call.value(0).with(.int64, date.dayOfYear(&builder))
    },
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

/// A date of the proleptic Gregorian calendar by integers; Howard Hinnant's `civil_from_days`.
private struct CivilDate {
  let year: Int
  let month: Int
  let day: Int
  /// Counted from the first of March.
  private let dayFromMarch: Int
  private let isBeforeMarch: Int

  init(_ microseconds: Int, _ builder: inout TensorProgramBuilder) {
    func divide(_ x: Int, _ divisor: Int64, _ builder: inout TensorProgramBuilder) -> Int {
      builder.binary(.floorDivide, x, builder.integer(divisor))
    }
    func scaled(_ x: Int, _ factor: Int64, _ builder: inout TensorProgramBuilder) -> Int {
      builder.binary(.multiply, x, builder.integer(factor))
    }
    let days = divide(microseconds, 86_400_000_000, &builder)
    let shifted = builder.binary(.add, days, builder.integer(719_468))
    let era = divide(shifted, 146_097, &builder)
    let dayOfEra = builder.binary(.floorModulo, shifted, builder.integer(146_097))
    var dayOfYears = builder.binary(.subtract, dayOfEra, divide(dayOfEra, 1460, &builder))
    dayOfYears = builder.binary(.add, dayOfYears, divide(dayOfEra, 36_524, &builder))
    dayOfYears = builder.binary(.subtract, dayOfYears, divide(dayOfEra, 146_096, &builder))
    let yearOfEra = divide(dayOfYears, 365, &builder)
    var before = scaled(yearOfEra, 365, &builder)
    before = builder.binary(.add, before, divide(yearOfEra, 4, &builder))
    before = builder.binary(.subtract, before, divide(yearOfEra, 100, &builder))
    dayFromMarch = builder.binary(.subtract, dayOfEra, before)
    let doubled = builder.binary(
      .add, scaled(dayFromMarch, 5, &builder), builder.integer(2))
    let monthFromMarch = divide(doubled, 153, &builder)
    let isEarly = builder.binary(.less, monthFromMarch, builder.integer(10))
    let shift = builder.select(isEarly, builder.integer(3), builder.integer(-9))
    month = builder.binary(.add, monthFromMarch, shift)
    isBeforeMarch = builder.not(isEarly)
    let march = builder.binary(.add, yearOfEra, scaled(era, 400, &builder))
    year = builder.binary(.add, march, builder.cast(isBeforeMarch, to: .int64))
    let monthDays = builder.binary(
      .add, scaled(monthFromMarch, 153, &builder), builder.integer(2))
    let passed = builder.binary(.subtract, dayFromMarch, divide(monthDays, 5, &builder))
    day = builder.binary(.add, passed, builder.integer(1))
  }

  func dayOfYear(_ builder: inout TensorProgramBuilder) -> Int {
    func isMultiple(of divisor: Int64, _ builder: inout TensorProgramBuilder) -> Int {
      let rest = builder.binary(.floorModulo, year, builder.integer(divisor))
      return builder.binary(.equal, rest, builder.integer(0))
    }
    let isCentury = isMultiple(of: 100, &builder)
    let isFourth = isMultiple(of: 4, &builder)
    let isPlain = builder.binary(.and, isFourth, builder.not(isCentury))
    let isLeap = builder.binary(.or, isPlain, isMultiple(of: 400, &builder))
    let fromMarch = builder.select(isLeap, builder.integer(61), builder.integer(60))
    let shift = builder.select(isBeforeMarch, builder.integer(-305), fromMarch)
    return builder.binary(.add, dayFromMarch, shift)
  }
}
