import Accumulators
import Columns
public import Expressions

/// A function from the rows of a cell to one value.
///
/// It is a description: which accumulator runs over which row expressions, and how the value is
/// read from its states. Functions with equal plans over equal inputs share one accumulator:
/// `mean`, `var`, `min`, `max`, `missing_count`, … of a column read the same moments.
public struct AggregateFunction: Sendable {
  public let signature: FunctionSignature
  /// One sentence for the catalogue.
  public let summary: String
  /// Throws only `ExpressionError`; untyped, because a closure's throws are inferred as such.
  private let body: @Sendable (AggregateSite) throws -> ResolvedAggregate

  public var name: String { signature.name }

  init(
    _ name: String, _ parameters: [FunctionSignature.Parameter], _ summary: String,
    resolve body: @escaping @Sendable (AggregateSite) throws -> ResolvedAggregate
  ) {
    signature = FunctionSignature(name, parameters)
    self.summary = summary
    self.body = body
  }

  func resolve(_ site: AggregateSite) throws(ExpressionError) -> ResolvedAggregate {
    do {
      return try body(site)
    } catch let error as ExpressionError {
      throw error
    } catch {
      preconditionFailure("\(name) threw \(error)")
    }
  }
}

/// An aggregate call made ready: what to accumulate, and how to read the value.
public struct ResolvedAggregate: Sendable {
  /// The accumulator the stage must run.
  ///
  /// Equal uses need to run once only.
  public let use: AccumulatorUse
  public let resultType: AggregateResultType
  private let reader: @Sendable (any GroupedAccumulator, Range<Int>) -> AggregateColumn

  init<State: GroupedAccumulator>(
    _ type: State.Type, _ parameters: State.Parameters, of inputs: [Expression],
    _ resultType: AggregateResultType,
    read: @escaping @Sendable (State.Single.Output) -> AggregateReading
  ) {
    self.init(type, parameters, of: inputs, resultType) { states, cells in
      .readings(cells.map { read(states.output($0)) })
    }
  }

  /// As above, for exact values of one type: `column` reads many cells at once.
  init<State: GroupedAccumulator>(
    _ type: State.Type, _ parameters: State.Parameters, of inputs: [Expression],
    _ resultType: AggregateResultType,
    column: @escaping @Sendable (State, Range<Int>) -> AggregateColumn
  ) {
    use = AccumulatorUse(AccumulatorPlan(type, parameters), of: inputs)
    self.resultType = resultType
    reader = { states, cells in
      guard let states = states as? State else {
        preconditionFailure("states of \(Swift.type(of: states)) are read as \(State.self)")
      }
      return column(states, cells)
    }
  }

  /// The value of one cell.
  ///
  /// - Parameters:
  ///   - states: The cells of a grouping of a fired pane.
  ///   - accumulator: The position of `use` among the stage's accumulators.
  ///   - cell: From 1; cell `i + 1` belongs to key `i`.
  /// - Returns: The value, with its error bound if it is not exact.
  public func read(
    _ states: GroupedStates, accumulator: Int, cell: Int
  ) -> AggregateReading {
    reader(states.states[accumulator], cell..<cell + 1)[0]
  }

  /// The values of all cells, in the order of the keys.
  public func readAll(_ states: GroupedStates, accumulator: Int) -> AggregateColumn {
    reader(states.states[accumulator], 1..<states.keys.count + 1)
  }
}

/// A call whose arguments are bound, with the columns its inputs are typed by.
struct AggregateSite {
  let call: Expression
  let arguments: BoundArguments
  let schema: Schema
  /// Values of the types of the constants that inputs refer to.
  let constants: [String: ConstantValue]
  /// How many distinct values a quantile sketch may hold at least.
  let quantileBudget: Int

  func fail(_ message: String) -> ExpressionError {
    ExpressionError("\(arguments.signature.name): \(message)", subject: call)
  }

  /// The type of the row expression given for `name`.
  func type(_ name: String) throws(ExpressionError) -> DataType {
    try RowProgram([arguments[name]], schema: schema, constants: constants).outputTypes[0]
  }

  /// Checks that the argument is a number, or where `allowsTime` a timestamp.
  @discardableResult
  func number(_ name: String, allowsTime: Bool = false) throws(ExpressionError) -> DataType {
    let type = try type(name)
    if type.isNumeric || (allowsTime && type == .timestamp) { return type }
    throw fail("'\(name)' must be a number, but \(arguments[name].formula) is of type \(type)")
  }

  /// As ``number(_:allowsTime:)``, or of a list of numbers the type of its elements.
  @discardableResult
  func numbers(_ name: String, allowsTime: Bool = false) throws(ExpressionError) -> DataType {
    if case .list(let element) = try type(name), element.isNumeric { return element }
    return try number(name, allowsTime: allowsTime)
  }

  /// The row expressions of `names`, leaving out those that are `None`.
  func inputs(_ names: String...) -> [Expression] {
    names.filter { !arguments.isNone($0) }.map { arguments[$0] }
  }

  func int(_ name: String, atLeast least: Int) throws(ExpressionError) -> Int {
    guard case .integer(let value) = arguments[name], value >= least, value <= Int32.max else {
      throw fail("'\(name)' must be an integer ≥ \(least), not \(arguments[name].formula)")
    }
    return Int(value)
  }

  func double(_ name: String) throws(ExpressionError) -> Double {
    guard let value = ConstantValue(literal: arguments[name])?.double else {
      throw fail("'\(name)' must be a number, not \(arguments[name].formula)")
    }
    return value
  }
}
