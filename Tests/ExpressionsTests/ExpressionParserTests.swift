import Expressions
import Testing

/// A formula and its canonical text.
struct TextCase: CustomTestStringConvertible, Sendable {
  var text: String
  var expected: String

  init(_ text: String, _ expected: String) {
    self.text = text
    self.expected = expected
  }

  var testDescription: String { text }
}

@Suite struct ExpressionParserTests {
  static let canonical: [TextCase] = [
    .init("1+2*3", "1 + 2 * 3"),
    .init("(1+2)*3", "(1 + 2) * 3"),
    .init("a-(b-c)-d", "a - (b - c) - d"),
    .init("a - b - c", "a - b - c"),
    .init("not a and b or c", "not a and b or c"),
    .init("not (a and b)", "not (a and b)"),
    .init("(not a) == b", "(not a) == b"),
    .init("not a == b", "not a == b"),
    .init("(a < b) == (c < d)", "(a < b) == (c < d)"),
    .init("-x + -2 - -3.5", "-x + -2 - -3.5"),
    .init("--x", "--x"),
    .init("-(2)", "-(2)"),
    .init("- 2", "-2"),
    .init("-9223372036854775808", "-9223372036854775808"),
    .init("1e3", "1000.0"),
    .init(".5 + 5.", "0.5 + 5.0"),
    .init("2e-7", "2e-07"),
    .init("1e999", "1e999"),
    .init("\"it's\" == 'a\\'b\\n\\\\'", "'it\\'s' == 'a\\'b\\n\\\\'"),
    .init("`fare` / a.b", "fare / a.b"),
    .init("`and` or `1x`", "`and` or `1x`"),
    .init("f()", "f()"),
    .init("f( a , k = [ 1, 'x', ] ,)", "f(a, k=[1, 'x'])"),
    .init("f(x, top_k=None, on=True)", "f(x, top_k=None, on=true)"),
    .init("a % b / c", "a % b / c"),
    .init("a / (b * c)", "a / (b * c)"),
    .init("scale_to_z_score(fare / distance)", "scale_to_z_score(fare / distance)"),
  ]

  @Test(arguments: canonical)
  func `a formula prints in canonical form, which reads back the same`(
    _ formula: TextCase
  ) throws {
    let expression = try Expression(formula: formula.text)
    #expect(expression.formula == formula.expected)
    #expect(try Expression(formula: expression.formula) == expression)
  }

  @Test func `operators bind as in Python`() throws {
    #expect(
      try Expression(formula: "a + b * c < d and not e")
        == .call(
          "and",
          [
            .init(
              .call(
                "less",
                [
                  .init(
                    .call(
                      "add",
                      [
                        .init(.column("a")),
                        .init(.call("multiply", [.init(.column("b")), .init(.column("c"))])),
                      ])), .init(.column("d")),
                ])), .init(.call("not", [.init(.column("e"))])),
          ]))
  }

  static let faults: [TextCase] = [
    .init("", "column 1: the formula is empty"),
    .init("a +", "column 4: expected a value, found the end of the formula"),
    .init("a b", "column 3: expected an operator or the end of the formula, found 'b'"),
    .init("f(a", "column 4: expected ',', found the end of the formula"),
    .init("(a]", "column 3: expected ')', found ']'"),
    .init("a < b < c", "column 3: comparisons do not chain; join them with 'and'"),
    .init("f(k=1, 2)", "column 8: a positional argument follows a keyword argument"),
    .init("f(1=2)", "column 4: '=' follows a keyword; comparison is '=='"),
    .init("'abc", "column 1: the quote that opens here is not closed"),
    .init("'é' + ?", "column 7: '?' has no meaning in a formula"),
    .init("'\\q'", "column 2: '\\' must be followed by one of n t r 0 \\ ' \" `"),
    .init(
      "9223372036854775808", "column 1: integer 9223372036854775808 does not fit 64 bits"),
    .init(
      "1 + 99999999999999999999",
      "column 5: integer 99999999999999999999 does not fit 64 bits; write it as a float"),
  ]

  @Test(arguments: faults) func `a fault is told with its column`(_ formula: TextCase) {
    let error = #expect(throws: ExpressionError.self) { try Expression(formula: formula.text) }
    #expect(error?.description == formula.expected)
  }

  static let deep: [String] = [
    String(repeating: "(", count: 100_000), String(repeating: "-", count: 100_000),
    String(repeating: "not ", count: 100_000), String(repeating: "[", count: 100_000),
    String(repeating: "f(", count: 100_000),
    "a" + String(repeating: " + a", count: ExpressionParser.depthLimit + 1),
  ]

  @Test(arguments: deep) func `nesting is bounded`(_ text: String) {
    let error = #expect(throws: ExpressionError.self) { try Expression(formula: text) }
    #expect(error?.message == "the formula is nested deeper than 128")
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `random expressions read back as printed`(_ seed: UInt64) throws {
    var random = RandomExpressions(seed: seed)
    for _ in 0..<200 {
      let expression = random.next(depth: 5)
      #expect(try Expression(formula: expression.formula) == expression, "seed \(seed)")
    }
  }
}

/// Expressions of every kind, from a seed.
struct RandomExpressions {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  private mutating func pick(_ count: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 33) % count
  }

  mutating func next(depth: Int) -> Expression {
    switch pick(depth > 0 ? 12 : 6) {
    case 0: return .column(["x", "odd name", "and", "a.b", "`q`\\"][pick(5)])
    case 1: return .number([0.1, -0.0, 1e300, -2.5, .infinity, 5][pick(6)])
    case 2: return .integer([0, -1, .max, .min, 42][pick(5)])
    case 3: return .string(["", "it's", "\"\n\\", "é`"][pick(4)])
    case 4: return .bool(pick(2) == 0)
    case 5: return .none
    case 6: return .list((0..<pick(3)).map { _ in next(depth: depth - 1) })
    case 7: return .call("not", [.init(next(depth: depth - 1))])
    case 8: return .call("negate", [.init(next(depth: depth - 1))])
    case 9:
      return .call(
        "f", [.init(next(depth: depth - 1)), .init(label: "k", next(depth: depth - 1))])
    default:
      let names = ["add", "subtract", "multiply", "divide", "modulo", "less", "equal", "and", "or"]
      return .call(
        names[pick(names.count)],
        [.init(next(depth: depth - 1)), .init(next(depth: depth - 1))])
    }
  }
}
