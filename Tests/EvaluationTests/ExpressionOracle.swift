#if canImport(Glibc)
import Glibc
#endif
import Columns
import Expressions

/// Row expressions over numbers evaluated the plain way, to hold the compiled row program against.
struct ExpressionOracle {
  /// Numbers, and booleans as 1 and 0; shape `[rows]`, `nil` for a missing row.
  typealias Vector = [Double?]

  let columns: [String: Column]
  let rowCount: Int
  private var known: [Expression: Vector] = [:]

  init(_ columns: [String: Column], rowCount: Int) {
    self.columns = columns
    self.rowCount = rowCount
  }

  mutating func evaluate(_ expression: Expression) -> Vector {
    if let vector = known[expression] { return vector }
    let vector = compute(expression)
    known[expression] = vector
    return vector
  }

  private mutating func compute(_ expression: Expression) -> Vector {
    switch expression {
    case .number(let value): return Vector(repeating: value, count: rowCount)
    case .integer(let value): return Vector(repeating: Double(value), count: rowCount)
    case .column(let name):
      guard let column = columns[name] else { preconditionFailure("no column \(name)") }
      return Self.numbers(column)
    case .call(let function, let arguments):
      let inputs = arguments.map { evaluate($0.value) }
      return (0..<rowCount).map { row in Self.apply(function, inputs.map { $0[row] }) }
    default: preconditionFailure("\(expression) is not used by evaluations")
    }
  }

  private static func numbers(_ column: Column) -> Vector {
    let values: [Double]
    switch column {
    case .float64(let column): values = column.values
    case .int64(let column): values = column.values.map(Double.init)
    case .bool(let column): values = column.values.map { $0 ? 1 : 0 }
    default: preconditionFailure("not a numeric column")
    }
    return values.indices.map { column.validity.isPresent($0) ? values[$0] : nil }
  }

  private static func apply(_ function: String, _ inputs: [Double?]) -> Double? {
    switch function {
    case "where": return inputs[0].flatMap { $0 != 0 ? inputs[1] : inputs[2] }
    case "and":
      if inputs.contains(0) { return 0 }
      return inputs.contains(nil) ? nil : 1
    default: break
    }
    let present = inputs.compactMap { $0 }
    guard present.count == inputs.count else { return nil }
    return apply(function, to: present)
  }

  private static func apply(_ function: String, to inputs: [Double]) -> Double {
    switch function {
    case "float": inputs[0]
    case "not": inputs[0] == 0 ? 1 : 0
    case "add": inputs[0] + inputs[1]
    case "subtract": inputs[0] - inputs[1]
    case "multiply": inputs[0] * inputs[1]
    case "equal": inputs[0] == inputs[1] ? 1 : 0
    case "divide": inputs[0] / inputs[1]
    case "negate": -inputs[0]
    case "abs": inputs[0].magnitude
    case "exp": exp(inputs[0])
    case "log": log(inputs[0])
    case "log1p": log1p(inputs[0])
    case "maximum": inputs[0].isNaN || inputs[0] > inputs[1] ? inputs[0] : inputs[1]
    case "not_equal": inputs[0] != inputs[1] ? 1 : 0
    case "greater": inputs[0] > inputs[1] ? 1 : 0
    case "greater_equal": inputs[0] >= inputs[1] ? 1 : 0
    case "less_equal": inputs[0] <= inputs[1] ? 1 : 0
    case "between": inputs[1] <= inputs[0] && inputs[0] <= inputs[2] ? 1 : 0
    case "log_loss": logLoss(inputs[0], inputs[1])
    case "squared_error": (inputs[0] - inputs[1]) * (inputs[0] - inputs[1])
    default: preconditionFailure("no function is named \(function)")
    }
  }

  /// A factor of 0 makes its term 0, as `log_loss` says.
  private static func logLoss(_ label: Double, _ prediction: Double) -> Double {
    (label == 0 ? 0 : -label * log(prediction))
      + (label == 1 ? 0 : -(1 - label) * log(1 - prediction))
  }
}
