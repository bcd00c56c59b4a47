/// Reads formulas by recursive descent; see ``Formula`` for the grammar.
public struct ExpressionParser {
  /// The greatest nesting of parts within parts.
  public static let depthLimit = 128

  private var lexer: Lexer
  private var token: Token
  private var position: Int
  private var depth = 0
  /// Where each part first appears.
  private(set) var positions: [Expression: Int] = [:]

  /// A part and the nesting below it, so that a chain `a + b + c + …` is bounded too.
  private typealias Part = (expression: Expression, height: Int)

  init(_ text: String) throws(ExpressionError) {
    lexer = Lexer(text)
    (token, position) = try lexer.next()
  }

  mutating func parseAll() throws(ExpressionError) -> Expression {
    if token == .end { throw ExpressionError("the formula is empty", at: position) }
    let part = try parse(.or)
    guard token == .end else { throw unexpected("an operator or the end of the formula") }
    return part.expression
  }

  private mutating func parse(_ level: OperatorTable.Level) throws(ExpressionError) -> Part {
    switch level {
    case .not: return try parseNot()
    case .minus: return try parseMinus()
    case .primary: return try parsePrimary()
    default: break
    }
    let start = position
    var left = try parse(level.next)
    while let function = OperatorTable.function(token, at: level) {
      let place = position
      try advance()
      let right = try parse(level.next)
      left = try make(
        .call(function, [.init(left.expression), .init(right.expression)]),
        1 + max(left.height, right.height), at: start)
      if level == .comparison, OperatorTable.function(token, at: level) != nil {
        throw ExpressionError("comparisons do not chain; join them with 'and'", at: place)
      }
    }
    return left
  }

  private mutating func parseNot() throws(ExpressionError) -> Part {
    guard token == .name("not") else { return try parse(.comparison) }
    return try nested { (parser: inout ExpressionParser) throws(ExpressionError) -> Part in
      let start = parser.position
      try parser.advance()
      let operand = try parser.parseNot()
      return try parser.make(
        .call("not", [.init(operand.expression)]), 1 + operand.height, at: start)
    }
  }

  private mutating func parseMinus() throws(ExpressionError) -> Part {
    guard token == .symbol("-") else { return try parsePrimary() }
    return try nested { (parser: inout ExpressionParser) throws(ExpressionError) -> Part in
      let start = parser.position
      try parser.advance()
      switch parser.token {
      case .number(let value):
        try parser.advance()
        return try parser.make(.number(-value), 1, at: start)
      case .integer(let magnitude):
        try parser.advance()
        return try parser.make(
          .integer(Int64(truncatingIfNeeded: 0 &- magnitude)), 1, at: start)
      default:
        let operand = try parser.parseMinus()
        return try parser.make(
          .call("negate", [.init(operand.expression)]), 1 + operand.height, at: start)
      }
    }
  }

  private mutating func parsePrimary() throws(ExpressionError) -> Part {
    let start = position
    switch token {
    case .number(let value): return try take(.number(value), at: start)
    case .integer(let magnitude):
      guard let value = Int64(exactly: magnitude) else {
        throw ExpressionError("integer \(magnitude) does not fit 64 bits", at: start)
      }
      return try take(.integer(value), at: start)
    case .string(let value): return try take(.string(value), at: start)
    case .quotedName(let name): return try take(.column(name), at: start)
    case .name(let name): return try parseName(name)
    case .symbol("("):
      return try nested { (parser: inout ExpressionParser) throws(ExpressionError) -> Part in
        try parser.advance()
        let part = try parser.parse(.or)
        try parser.expect(")")
        return part
      }
    case .symbol("["): return try parseList()
    default: throw unexpected("a value")
    }
  }

  private mutating func parseName(_ name: String) throws(ExpressionError) -> Part {
    let start = position
    switch name {
    case "true", "True": return try take(.bool(true), at: start)
    case "false", "False": return try take(.bool(false), at: start)
    case "and", "or", "not": throw unexpected("a value")
    default: break
    }
    try advance()
    guard token == .symbol("(") else { return try make(.column(name), 1, at: start) }
    return try nested { (parser: inout ExpressionParser) throws(ExpressionError) -> Part in
      try parser.parseCall(name, at: start)
    }
  }

  private mutating func parseCall(_ name: String, at start: Int) throws(ExpressionError) -> Part {
    var arguments: [Expression.Argument] = []
    var height = 0
    try advance()
    while token != .symbol(")") {
      if !arguments.isEmpty { try expect(",") }
      if token == .symbol(")") { break }
      let place = position
      var label: String?
      var part = try parse(.or)
      if token == .symbol("=") {
        guard case .column(let keyword) = part.expression else {
          throw ExpressionError("'=' follows a keyword; comparison is '=='", at: position)
        }
        try advance()
        label = keyword
        part = try parse(.or)
      } else if arguments.last?.label != nil {
        throw ExpressionError("a positional argument follows a keyword argument", at: place)
      }
      arguments.append(.init(label: label, part.expression))
      height = max(height, part.height)
    }
    try expect(")")
    return try make(.call(name, arguments), 1 + height, at: start)
  }

  private mutating func parseList() throws(ExpressionError) -> Part {
    try nested { (parser: inout ExpressionParser) throws(ExpressionError) -> Part in
      let start = parser.position
      var elements: [Expression] = []
      var height = 0
      try parser.advance()
      while parser.token != .symbol("]") {
        if !elements.isEmpty { try parser.expect(",") }
        if parser.token == .symbol("]") { break }
        let part = try parser.parse(.or)
        elements.append(part.expression)
        height = max(height, part.height)
      }
      try parser.expect("]")
      return try parser.make(.list(elements), 1 + height, at: start)
    }
  }

  private mutating func nested(
    _ body: (inout ExpressionParser) throws(ExpressionError) -> Part
  ) throws(ExpressionError) -> Part {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthLimit { throw tooDeep(at: position) }
    return try body(&self)
  }

  private mutating func make(
    _ expression: Expression, _ height: Int, at start: Int
  ) throws(ExpressionError) -> Part {
    if height > Self.depthLimit { throw tooDeep(at: start) }
    if positions[expression] == nil { positions[expression] = start }
    return (expression, height)
  }

  private func tooDeep(at position: Int) -> ExpressionError {
    ExpressionError("the formula is nested deeper than \(Self.depthLimit)", at: position)
  }

  private mutating func take(
    _ expression: Expression, at start: Int
  ) throws(ExpressionError) -> Part {
    try advance()
    return try make(expression, 1, at: start)
  }

  private mutating func advance() throws(ExpressionError) { (token, position) = try lexer.next() }

  private mutating func expect(_ symbol: String) throws(ExpressionError) {
    guard token == .symbol(symbol) else { throw unexpected("'\(symbol)'") }
    try advance()
  }

  private func unexpected(_ wanted: String) -> ExpressionError {
    ExpressionError("expected \(wanted), found \(token.text)", at: position)
  }
}
