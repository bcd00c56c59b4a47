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

extension BoundArguments {
  /// Checks that `elementwise` is false: there are no vector columns to scale by element.
  func requireWhole() throws(ExpressionError) {
    guard self["elementwise"] == .bool(false) else {
      throw ExpressionError("'elementwise' is not supported yet")
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
