public import Expressions

/// A function of TFT that joins an analyzer with the row function that applies it.
///
/// It expands to a row function over analyzer calls, so that evaluators, graphs and exporters know
/// row functions and constants only.
public struct Mapper: Sendable {
  public let signature: FunctionSignature
  /// One sentence for the catalogue.
  public let summary: String
  /// Throws only `ExpressionError`; untyped, because a closure's throws are inferred as such.
  private let body: @Sendable (BoundArguments) throws -> Expression

  public var name: String { signature.name }

  init(
    _ name: String, _ parameters: [FunctionSignature.Parameter], _ summary: String,
    expand body: @escaping @Sendable (BoundArguments) throws -> Expression
  ) {
    signature = FunctionSignature(name, parameters)
    self.summary = summary
    self.body = body
  }

  /// The expression that `call`, a call of this mapper with `arguments`, stands for.
  func expand(
    _ arguments: [Expression.Argument], of call: Expression
  ) throws(ExpressionError) -> Expression {
    let bound = try signature.bind(arguments, of: call)
    do {
      return try body(bound)
    } catch var error as ExpressionError {
      error.subject = call
      error.message = "\(name): " + error.message
      throw error
    } catch {
      preconditionFailure("\(name) threw \(error)")
    }
  }
}

extension FunctionSignature.Parameter {
  /// Whether each place of a list has constants of its own.
  static let elementwise = optional("elementwise", .bool(false))
  /// `'float32'` or `'float64'`, which is the default.
  static let outputType = optional("output_dtype", .none)
  /// Accepted as TFT does; tables by key are in the graph, whatever their name.
  static let keyFile = optional("key_vocabulary_filename", .none)
}

extension BoundArguments {
  /// The constant `true` or `false` given for `name`.
  func flag(_ name: String) throws(ExpressionError) -> Bool {
    if case .bool(let value) = self[name] { return value }
    throw ExpressionError("'\(name)' must be true or false, not \(self[name].formula)")
  }

  func integer(_ name: String, atLeast least: Int64 = 1) throws(ExpressionError) -> Int64 {
    if case .integer(let value) = self[name], value >= least { return value }
    throw ExpressionError(
      "'\(name)' must be an integer ≥ \(least), not \(self[name].formula)")
  }

  /// `result` in the type that `output_dtype` names.
  func cast(_ result: Expression) throws(ExpressionError) -> Expression {
    switch self["output_dtype"] {
    case .none, .string("float64"): return result
    case .string("float32"): return BoundArguments.call("float32", [result])
    case let other:
      throw ExpressionError(
        "'output_dtype' must be 'float32' or 'float64', not \(other.formula)")
    }
  }

  /// A call of `name` with the given arguments; `None` ones are left out.
  static func call(
    _ name: String, _ positional: [Expression], _ keywords: [(String, Expression)] = []
  ) -> Expression {
    .call(
      name,
      positional.map { .init($0) }
        + keywords.filter { $0.1 != .none }.map { .init(label: $0.0, $0.1) })
  }
}
