import Columns

extension RowFunction {
  /// Floats are cut towards zero, as `tf.cast` does; NaN, ±inf and what does not fit 64 bits are
  /// missing. Text must be a decimal integer, else the result is missing. A timestamp gives
  /// microseconds.
  static let int = RowFunction(
    "int", [.required("x")], "x as int, cut towards zero; missing where that is impossible"
  ) { site in
    let type = try site.type(0, "a number, string or timestamp") { $0.isScalar }
    let kernel: any RowKernel =
      type == .string ? ParseIntegers(map: .init(IntegerText())) : ToInteger(source: type)
    return CompiledCall(type: .int64, inputs: [0], kernel: kernel)
  }

  /// Text must be a decimal number, else the result is missing.
  static let float = RowFunction(
    "float", [.required("x")], "x as float; missing where text is no number"
  ) { site in
    let type = try site.type(0, "a number or string") { $0.isNumeric || $0 == .string }
    let kernel: any RowKernel =
      type == .string ? ParseDoubles(map: .init(DoubleText())) : ToDouble(isRounded: false)
    return CompiledCall(type: .float64, inputs: [0], kernel: kernel)
  }

  static let float32 = RowFunction(
    "float32", [.required("x")], "x rounded to a 32-bit float"
  ) { site in
    _ = try site.number(0)
    return CompiledCall(type: .float32, inputs: [0], kernel: ToDouble(isRounded: true))
  }

  static let bool = RowFunction(
    "bool", [.required("x")], "x != 0; of text: 'true' and 'false', else missing"
  ) { site in
    let type = try site.type(0, "a number or string") { $0.isNumeric || $0 == .string }
    let kernel: any RowKernel = type == .string ? ParseBools(map: .init(BoolText())) : ToBool()
    return CompiledCall(type: .bool, inputs: [0], kernel: kernel)
  }

  /// Floats in shortest round-trip form (`0.1`, `5.0`, `1e-05`, `nan`, `inf`).
  static let string = RowFunction(
    "string", [.required("x")], "x as text: decimal, shortest round-trip, true or false"
  ) { site in
    let type = try site.type(0, "a number or string") { $0.isNumeric || $0 == .string }
    return CompiledCall(type: .string, inputs: [0], kernel: ToText(source: type))
  }
}

extension DataType {
  /// Whether it is no list.
  var isScalar: Bool { if case .list = self { false } else { true } }
}

struct ToInteger: RowKernel {
  let source: DataType

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    guard source == .float32 || source == .float64 else {
      return .int64(Int64Column(inputs[0].integers(), validity: inputs[0].validity))
    }
    let x = inputs[0].doubles()
    var lost: [Int] = []
    var values = [Int64](repeating: 0, count: rowCount)
    for row in 0..<rowCount {
      if let value = Int64(exactly: x[row].rounded(.towardZero)) {
        values[row] = value
      } else {
        lost.append(row)
      }
    }
    return .int64(Int64Column(values, validity: inputs[0].validity.excluding(lost)))
  }
}

struct ToDouble: RowKernel {
  let isRounded: Bool

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    var values = inputs[0].doubles()
    if isRounded { values = values.map { Double(Float($0)) } }
    return .float64(Float64Column(values, validity: inputs[0].validity))
  }
}

struct ToBool: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    if case .bool = inputs[0] { return inputs[0] }
    return .bool(BoolColumn(inputs[0].doubles().map { $0 != 0 }, validity: inputs[0].validity))
  }
}

struct ToText: RowKernel {
  let source: DataType

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    var text = PlainStringBuilder(rowCount)
    switch inputs[0] {
    case .string, .plain: return inputs[0]
    case .bool(let column): for value in column.values { text.append(value ? "true" : "false") }
    case .int64(let column): for value in column.values { text.append(decimal: value) }
    case .float64(let column):
      for value in column.values {
        text.append(source == .float32 ? Float(value).description : value.description)
      }
    case .list: preconditionFailure("lists are taken element by element")
    }
    return text.finish(inputs[0].validity)
  }
}
