/// The operators of the grammar and the functions they call.
enum OperatorTable {
  /// How tightly a part of a formula binds; higher is tighter.
  enum Level: Int, Comparable {
    case or = 1, and, not, comparison, sum, product, minus, primary

    static func < (one: Level, two: Level) -> Bool { one.rawValue < two.rawValue }

    /// The next tighter level.
    var next: Level { Level(rawValue: rawValue + 1) ?? .primary }
  }

  static let binary: [(symbol: String, function: String, level: Level)] = [
    ("or", "or", .or), ("and", "and", .and),
    ("==", "equal", .comparison), ("!=", "not_equal", .comparison),
    ("<", "less", .comparison), ("<=", "less_equal", .comparison),
    (">", "greater", .comparison), (">=", "greater_equal", .comparison),
    ("+", "add", .sum), ("-", "subtract", .sum),
    ("*", "multiply", .product), ("/", "divide", .product), ("%", "modulo", .product),
  ]

  /// The function that `token` calls at `level`.
  static func function(_ token: Token, at level: Level) -> String? {
    switch token {
    case .symbol(let symbol), .name(let symbol):
      binary.first { $0.symbol == symbol && $0.level == level }?.function
    default: nil
    }
  }

  /// The symbol and level of a call that is written as a binary operator.
  static func binaryOperator(_ function: String) -> (symbol: String, level: Level)? {
    binary.first { $0.function == function }.map { ($0.symbol, $0.level) }
  }
}
