/// The text of a formula and what it says.
///
/// Grammar, loosest binding first: `or` · `and` · `not` · one comparison (`== != < <= > >=`) ·
/// `+ -` · `* / %` · unary `-` · a primary: number, `'text'` or `"text"`, `true`, `false`, `None`,
/// a list `[…]`, a column (`fare`, `a.b`, or any name in backquotes), a call
/// `name(value, keyword=value)`, or a formula in parentheses.
public struct Formula: Hashable, Sendable {
  public let text: String
  public let expression: Expression
  /// Where each part first appears, in characters from 1.
  private let positions: [Expression: Int]

  /// Reads `text`.
  ///
  /// - Throws: ``ExpressionError`` with its position. Nesting is limited to
  ///   ``ExpressionParser/depthLimit``.
  public init(_ text: String) throws(ExpressionError) {
    var parser = try ExpressionParser(text)
    expression = try parser.parseAll()
    positions = parser.positions
    self.text = text
  }

  /// `error` with the position of its subject in this text.
  public func located(_ error: ExpressionError) -> ExpressionError {
    guard error.position == nil, let subject = error.subject else { return error }
    var located = error
    located.position = positions[subject]
    return located
  }
}

extension Expression {
  /// Reads a formula; the inverse of ``formula``.
  public init(formula: String) throws(ExpressionError) {
    self = try Formula(formula).expression
  }

  /// The value `None`: an optional argument that is not given.
  ///
  /// A column of this name cannot be used in formulas.
  public static let none = Expression.column("None")
}
