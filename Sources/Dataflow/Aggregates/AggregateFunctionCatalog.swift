public import Columns
public import Expressions

/// Every aggregate function, in the order of the documentation.
///
/// To use one: ``resolve(_:schema:)`` the call, put its `use` among the stage's accumulators
/// (unless an equal one is there), and ``ResolvedAggregate/read(_:accumulator:cell:)`` the value
/// of each cell when a pane fires.
public enum AggregateFunctionCatalog {
  public static let all: [AggregateFunction] = [
    .count, .size, .sum, .mean, .variance, .minimum, .maximum,
    .missingCount, .nanCount, .zeroCount,
    .quantiles, .quantile, .vocabulary, .approximateVocabulary, .distinctCount,
    .countPerKey, .meanAndVarPerKey, .minAndMaxPerKey, .quantilesPerKey,
    .histogram, .histogramBoundaries, .histogramEdges, .probabilityDensity,
    .tukeyLocation, .tukeyScale, .tukeyHParams, .covariance, .pca,
    .documentFrequencies, .inverseDocumentFrequencies,
  ]

  /// The names of ``all``.
  public static var names: [String] { all.map(\.name) }

  /// The function called `name`, or `nil`.
  public static func function(named name: String) -> AggregateFunction? { byName[name] }

  /// Whether `expression` calls an aggregate function at its root.
  public static func isAggregate(_ expression: Expression) -> Bool {
    if case .call(let name, _) = expression { byName[name] != nil } else { false }
  }

  /// Makes a call of an aggregate function ready.
  ///
  /// - Parameters:
  ///   - call: Such as `sum(fare * 2)`; its arguments are row expressions and constants.
  ///   - schema: The columns there are; types are checked against it.
  ///   - constants: Values of the types of what `constant('name')` in the arguments stands for.
  ///   - quantileBudget: How many distinct values a quantile sketch may hold at least, whatever its
  ///     epsilon.
  /// - Returns: What to accumulate and how to read it.
  /// - Throws: `ExpressionError` about the call or a part of it; also where an aggregate stands
  ///   inside another's argument.
  public static func resolve(
    _ call: Expression, schema: Schema, constants: [String: ConstantValue] = [:],
    quantileBudget: Int = 0
  ) throws(ExpressionError) -> ResolvedAggregate {
    guard case .call(let name, let given) = call else {
      throw ExpressionError("\(call.formula) is not a call of an aggregate", subject: call)
    }
    guard let function = byName[name] else {
      throw ExpressionError(
        "'\(name)' is not an aggregate", suggestion: NearestName.of(name, among: names),
        subject: call)
    }
    for argument in given {
      if let inner = firstAggregate(in: argument.value) {
        throw ExpressionError(
          "\(inner.formula) inside \(name)(…) needs two phases; not supported yet", subject: inner)
      }
    }
    let arguments = try function.signature.bind(given, of: call)
    return try function.resolve(
      AggregateSite(
        call: call, arguments: arguments, schema: schema, constants: constants,
        quantileBudget: quantileBudget))
  }

  /// The first aggregate call in `expression`, outermost and leftmost, or `nil`.
  public static func firstAggregate(in expression: Expression) -> Expression? {
    switch expression {
    case .column, .number, .integer, .string, .bool, .model: return nil
    case .list(let elements): return elements.lazy.compactMap(firstAggregate).first
    case .call(_, let arguments):
      if isAggregate(expression) { return expression }
      return arguments.lazy.compactMap { firstAggregate(in: $0.value) }.first
    }
  }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
