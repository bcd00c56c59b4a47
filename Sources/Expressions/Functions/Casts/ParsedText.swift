import Columns

/// Decimal digits with an optional sign.
struct IntegerText: StringFunction {
  static let filler: Int64? = nil

  func value(of bytes: ArraySlice<UInt8>) -> Int64? {
    Int64(String(decoding: bytes, as: UTF8.self))
  }
}

/// A decimal number, `nan`, `inf` or `infinity`.
struct DoubleText: StringFunction {
  static let filler: Double? = nil

  func value(of bytes: ArraySlice<UInt8>) -> Double? {
    Double(String(decoding: bytes, as: UTF8.self))
  }
}

struct BoolText: StringFunction {
  static let filler: Bool? = nil

  func value(of bytes: ArraySlice<UInt8>) -> Bool? {
    if bytes.elementsEqual("true".utf8) { return true }
    return bytes.elementsEqual("false".utf8) ? false : nil
  }
}

/// The rows whose text could be read, and were there at all.
private func readable<Value>(_ values: [Value?], _ validity: Validity) -> Validity {
  Validity(values.map { $0 != nil }).intersection(validity)
}

struct ParseIntegers: RowKernel {
  var map: StringMap<IntegerText>

  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let values = map.values(inputs[0])
    return .int64(
      Int64Column(values.map { $0 ?? 0 }, validity: readable(values, inputs[0].validity)))
  }
}

struct ParseDoubles: RowKernel {
  var map: StringMap<DoubleText>

  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let values = map.values(inputs[0])
    return .float64(
      Float64Column(values.map { $0 ?? 0 }, validity: readable(values, inputs[0].validity)))
  }
}

struct ParseBools: RowKernel {
  var map: StringMap<BoolText>

  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let values = map.values(inputs[0])
    return .bool(
      BoolColumn(values.map { $0 ?? false }, validity: readable(values, inputs[0].validity)))
  }
}
