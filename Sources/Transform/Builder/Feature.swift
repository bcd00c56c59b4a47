public import Expressions

/// A value of every row, in the Swift front end of preprocessing functions.
///
/// A string literal is the column of that name, a number literal itself; see ``text(_:)`` for
/// strings.
public struct Feature: Hashable, Sendable {
  public let expression: Expression

  public init(_ expression: Expression) { self.expression = expression }

  static func call(_ name: String, _ arguments: [Expression.Argument]) -> Feature {
    Feature(.call(name, arguments))
  }

  /// A call with arguments by keyword, those that are `nil` left out.
  static func call(
    _ name: String, _ arguments: [Feature], _ keywords: [String: Expression?] = [:]
  ) -> Feature {
    let labelled = keywords.sorted { $0.key < $1.key }.compactMap { key, value in
      value.map { Expression.Argument(label: key, $0) }
    }
    return call(name, arguments.map { .init($0.expression) } + labelled)
  }

  static func literal(_ value: Int) -> Feature { Feature(.integer(Int64(value))) }

  /// `[least, most]`.
  static func range(_ range: ClosedRange<Int>) -> Feature {
    Feature(
      .list([.integer(Int64(range.lowerBound)), .integer(Int64(range.upperBound))]))
  }

  private static func binary(_ name: String, _ one: Feature, _ two: Feature) -> Feature {
    call(name, [.init(one.expression), .init(two.expression)])
  }

  public static func + (one: Feature, two: Feature) -> Feature { binary("add", one, two) }
  public static func - (one: Feature, two: Feature) -> Feature { binary("subtract", one, two) }
  public static func * (one: Feature, two: Feature) -> Feature { binary("multiply", one, two) }
  public static func / (one: Feature, two: Feature) -> Feature { binary("divide", one, two) }
  public static prefix func - (one: Feature) -> Feature {
    call("negate", [.init(one.expression)])
  }

  /// The output called `name` is `feature`.
  public static func => (name: String, feature: Feature) -> PreprocessingFn.Output {
    PreprocessingFn.Output(name, feature.expression)
  }
}

infix operator => : AssignmentPrecedence

extension Feature: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral
{
  public init(stringLiteral name: String) { self.init(.column(name)) }
  public init(integerLiteral value: Int64) { self.init(.integer(value)) }
  public init(floatLiteral value: Double) { self.init(.number(value)) }
}

/// The column called `name`.
public func column(_ name: String) -> Feature { Feature(.column(name)) }

/// The string `value` in every row.
public func text(_ value: String) -> Feature { Feature(.string(value)) }

/// A call of any row function, mapper or analyzer by its catalogue name.
public func call(
  _ name: String, _ arguments: Feature..., options: [String: Expression] = [:]
)
  -> Feature
{
  let labelled = options.sorted { $0.key < $1.key }.map {
    Expression.Argument(label: $0.key, $0.value)
  }
  return Feature.call(name, arguments.map { .init($0.expression) } + labelled)
}

extension Expression? {
  /// `true`, or nothing for `false`, which is the default of every flag.
  static func flag(_ value: Bool) -> Expression? { value ? .bool(true) : nil }
}
