import Columns

/// `== != < <= > >=` between two numbers, strings, booleans or timestamps.
///
/// Numbers compare as IEEE 754 says, so nothing equals NaN; an int with a float compares as
/// doubles. Strings compare by their bytes. A timestamp may be compared with an int (microseconds).
enum ComparisonOperator: String, Sendable {
  case equal, notEqual = "not_equal", less, lessEqual = "less_equal", greater
  case greaterEqual = "greater_equal"

  /// Whether an ordering of −1, 0 or 1 satisfies the operator.
  func accepts(_ ordering: Int8) -> Bool {
    switch self {
    case .equal: ordering == 0
    case .notEqual: ordering != 0
    case .less: ordering < 0
    case .lessEqual: ordering <= 0
    case .greater: ordering > 0
    case .greaterEqual: ordering >= 0
    }
  }

  /// The operator for swapped sides.
  var mirrored: ComparisonOperator {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .lessEqual: .greaterEqual
    case .greater: .less
    case .greaterEqual: .lessEqual
    }
  }

  @inline(__always)
  func compare<Value: Comparable>(_ a: [Value], _ b: [Value]) -> [Bool] {
    switch self {
    case .equal: compared(a, b) { $0 == $1 }
    case .notEqual: compared(a, b) { $0 != $1 }
    case .less: compared(a, b) { $0 < $1 }
    case .lessEqual: compared(a, b) { $0 <= $1 }
    case .greater: compared(a, b) { $0 > $1 }
    case .greaterEqual: compared(a, b) { $0 >= $1 }
    }
  }
}

extension RowFunction {
  static let equal = comparison(.equal, "a == b")
  static let notEqual = comparison(.notEqual, "a != b")
  static let less = comparison(.less, "a < b")
  static let lessEqual = comparison(.lessEqual, "a <= b")
  static let greater = comparison(.greater, "a > b")
  static let greaterEqual = comparison(.greaterEqual, "a >= b")

  private static func comparison(_ op: ComparisonOperator, _ summary: String) -> RowFunction {
    RowFunction(op.rawValue, [.required("a"), .required("b")], summary) { site in
      let one = try site.type(0, "a number, string or timestamp", where: isComparable)
      let two = try site.type(1, "a number, string or timestamp", where: isComparable)
      let kernel: any RowKernel
      switch (one, two) {
      case (.string, .string): kernel = stringKernel(op, site)
      case (.timestamp, .timestamp), (.timestamp, .int64), (.int64, .timestamp):
        kernel = CompareIntegers(op: op)
      default:
        guard one.isNumeric, two.isNumeric else {
          throw site.fail("cannot compare \(one) and \(two)")
        }
        kernel =
          one.isIntegral && two.isIntegral ? CompareIntegers(op: op) : CompareDoubles(op: op)
      }
      guard let constant = kernel as? CompareWithConstant else {
        return CompiledCall(type: .bool, inputs: [0, 1], kernel: kernel)
      }
      return CompiledCall(type: .bool, inputs: [constant.isMirrored ? 1 : 0], kernel: kernel)
    }
  }

  private static func isComparable(_ type: DataType) -> Bool {
    if case .list = type { false } else { true }
  }

  private static func stringKernel(_ op: ComparisonOperator, _ site: CallSite) -> any RowKernel {
    if case .string(let text) = site.arguments[1].constant {
      return CompareWithConstant(op: op, isMirrored: false, map: .init(OrderAgainst(text)))
    }
    if case .string(let text) = site.arguments[0].constant {
      return CompareWithConstant(op: op.mirrored, isMirrored: true, map: .init(OrderAgainst(text)))
    }
    return CompareStrings(op: op)
  }
}

struct CompareDoubles: RowKernel {
  let op: ComparisonOperator

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    .bool(
      BoolColumn(
        op.compare(inputs[0].doubles(), inputs[1].doubles()),
        validity: inputs.commonValidity(rowCount)))
  }
}

struct CompareIntegers: RowKernel {
  let op: ComparisonOperator

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    .bool(
      BoolColumn(
        op.compare(inputs[0].integers(), inputs[1].integers()),
        validity: inputs.commonValidity(rowCount)))
  }
}

struct CompareStrings: RowKernel {
  let op: ComparisonOperator

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let one = StringRows(inputs[0])
    let two = StringRows(inputs[1])
    var result = [Bool](repeating: false, count: rowCount)
    let validity = inputs.commonValidity(rowCount)
    for row in 0..<rowCount where validity.isPresent(row) {
      result[row] = op.accepts(one.ordering(row, against: two))
    }
    return .bool(BoolColumn(result, validity: validity))
  }
}

/// How a string sorts against a fixed one: −1, 0 or 1.
struct OrderAgainst: StringFunction {
  static let filler: Int8 = 0
  let constant: [UInt8]

  init(_ constant: String) { self.constant = Array(constant.utf8) }

  func value(of bytes: ArraySlice<UInt8>) -> Int8 {
    if bytes.elementsEqual(constant) { return 0 }
    return bytes.lexicographicallyPrecedes(constant) ? -1 : 1
  }
}

struct CompareWithConstant: RowKernel {
  let op: ComparisonOperator
  let isMirrored: Bool
  var map: StringMap<OrderAgainst>

  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let orderings = map.values(inputs[0])
    return .bool(BoolColumn(orderings.map(op.accepts), validity: inputs[0].validity))
  }
}
