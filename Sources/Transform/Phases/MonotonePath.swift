import Expressions

/// An expression that is a nondecreasing function of another one, which has no constants of
/// analyzers: quantiles and extremes of the one are that function of those of the other.
///
/// *Have* `quantiles(apply_z_score(fare, constant('mean(fare)'), constant('var(fare)')), 5)` in a
/// second pass; *want* `quantiles(fare, 5)` in the first, and its boundaries mapped. Exact to the
/// bit: rounding keeps the order too.
struct MonotonePath {
  /// What the path begins at.
  let base: Expression
  /// The path over the column ``variable``.
  let map: Expression

  static let variable = "value"

  /// The path of `expression`, or `nil` if it is none.
  ///
  /// `keepsFinite` asks for one that makes ±inf of ±inf, and of finite values only beyond 8·10^307:
  /// extremes leave out what is not finite.
  init?(_ expression: Expression, keepsFinite: Bool = false) {
    guard !Self.hasConstant(expression) else {
      guard case .call(let name, var arguments) = expression,
        Self.isNondecreasing(name, arguments.dropFirst().map(\.value)),
        !keepsFinite || ["apply_z_score", "add", "subtract"].contains(name),
        let inner = arguments.first,
        let path = MonotonePath(inner.value, keepsFinite: keepsFinite)
      else { return nil }
      arguments[0].value = path.map
      base = path.base
      map = .call(name, arguments)
      return
    }
    base = expression
    map = .column(Self.variable)
  }

  /// Whether the function is nondecreasing in its first argument and gives no NaN for a number.
  private static func isNondecreasing(_ name: String, _ rest: [Expression]) -> Bool {
    switch name {
    case "apply_z_score": rest.allSatisfy { $0.isConstant && !$0.formula.contains("propagate") }
    case "float32", "sigmoid", "tanh", "exp": rest.isEmpty
    case "add", "subtract": rest.allSatisfy(\.isFiniteNumber)
    default: false
    }
  }

  private static func hasConstant(_ expression: Expression) -> Bool {
    switch expression {
    case .column, .number, .integer, .string, .bool, .model: false
    case .list(let elements): elements.contains(where: hasConstant)
    case .call(let name, let arguments):
      name == ConstantReference.functionName || arguments.contains { hasConstant($0.value) }
    }
  }
}

extension Expression {
  fileprivate var isConstant: Bool {
    if case .call(ConstantReference.functionName, _) = self { true } else { isFiniteNumber }
  }

  fileprivate var isFiniteNumber: Bool {
    switch self {
    case .number(let value): value.isFinite
    case .integer: true
    default: false
    }
  }
}
