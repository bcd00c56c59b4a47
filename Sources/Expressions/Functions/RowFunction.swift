import Columns

/// A function that computes one value a row from values of that row.
public struct RowFunction: Sendable {
  public let signature: FunctionSignature
  /// One sentence for the catalogue.
  public let summary: String
  /// Whether a list argument is mapped element by element.
  package let isElementwise: Bool
  /// Whether strings are read once and dropped, so that they need no dictionary.
  let readsPlainStrings: Bool
  /// Throws only ``ExpressionError``; untyped, because a closure's throws are inferred as such.
  private let body: @Sendable (CallSite) throws -> CompiledCall

  public var name: String { signature.name }

  init(
    _ name: String, _ parameters: [FunctionSignature.Parameter], _ summary: String,
    isElementwise: Bool = true, readsPlainStrings: Bool = false,
    compile body: @escaping @Sendable (CallSite) throws -> CompiledCall
  ) {
    signature = FunctionSignature(name, parameters)
    self.summary = summary
    self.isElementwise = isElementwise
    self.readsPlainStrings = readsPlainStrings
    self.body = body
  }

  func compile(_ site: CallSite) throws(ExpressionError) -> CompiledCall {
    do {
      return try body(site)
    } catch let error as ExpressionError {
      throw error
    } catch {
      preconditionFailure("\(name) threw \(error)")
    }
  }
}

/// A call whose arguments have been typed.
struct CallSite {
  struct Argument {
    var name: String
    var expression: Expression
    /// `nil` for a parameter that is no value of rows.
    var type: DataType?
    /// The value, when it does not depend on the row.
    var constant: ConstantValue?
  }

  var call: Expression
  var functionName: String
  /// Parallel to the parameters; those of a variadic parameter follow one another.
  var arguments: [Argument]

  func fail(_ message: String) -> ExpressionError {
    ExpressionError("\(functionName): \(message)", subject: call)
  }

  subscript(name: String) -> Argument {
    guard let found = arguments.first(where: { $0.name == name }) else {
      preconditionFailure("\(functionName) has no parameter '\(name)'")
    }
    return found
  }

  /// The type of argument `index`, which must satisfy `isAccepted`.
  func type(
    _ index: Int, _ wanted: String, where isAccepted: (DataType) -> Bool
  ) throws(ExpressionError) -> DataType {
    let argument = arguments[index]
    if let type = argument.type, isAccepted(type) { return type }
    throw fail(
      "'\(argument.name)' must be \(wanted), but \(argument.expression.formula) is "
        + (argument.type.map { "of type \($0)" } ?? "not a value of rows"))
  }

  func number(_ index: Int) throws(ExpressionError) -> DataType {
    try type(index, "a number") { $0.isNumeric }
  }

  func string(_ index: Int) throws(ExpressionError) -> DataType {
    try type(index, "a string") { $0 == .string }
  }

  /// The constant given for `name`, read by `read`.
  func constant<Value>(
    _ name: String, _ wanted: String, _ read: (ConstantValue) -> Value?
  ) throws(ExpressionError) -> Value {
    let argument = self[name]
    if let constant = argument.constant, let value = read(constant) { return value }
    throw fail("'\(name)' must be \(wanted) constant, not \(argument.expression.formula)")
  }

  func int(_ name: String) throws(ExpressionError) -> Int {
    try constant(name, "an integer") { if case .int64(let value) = $0 { Int(value) } else { nil } }
  }

  func double(_ name: String) throws(ExpressionError) -> Double {
    try constant(name, "a numeric") { $0.double }
  }

  func text(_ name: String) throws(ExpressionError) -> String {
    try constant(name, "a string") { if case .string(let value) = $0 { value } else { nil } }
  }

  func isNone(_ name: String) -> Bool { self[name].constant == ConstantValue.none }
}
