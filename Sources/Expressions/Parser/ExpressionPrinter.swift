extension Expression: CustomStringConvertible {
  public var description: String { formula }

  /// The canonical text: operators as symbols with the fewest parentheses, one space around
  /// binary operators, strings in single quotes, floats in shortest round-trip form.
  ///
  /// `Expression(formula: expression.formula)` gives `expression` back. Infinity is written
  /// `1e999`; NaN, which no formula can write, as `(0.0 / 0.0)`.
  public var formula: String { printed.text }

  private var printed: (text: String, level: OperatorTable.Level) {
    switch self {
    case .column(let name):
      return (Lexer.isName(name) || self == .none ? name : Self.quoted(name, "`"), .primary)
    case .number(let value): return Self.printed(value)
    case .integer(let value): return ("\(value)", value < 0 ? .minus : .primary)
    case .string(let value): return (Self.quoted(value, "'"), .primary)
    case .bool(let value): return (value ? "true" : "false", .primary)
    case .list(let elements):
      return ("[" + elements.map(\.formula).joined(separator: ", ") + "]", .primary)
    case .model(let call): return (Self.quoted(call.model.reference.path, "'"), .primary)
    case .call(let function, let arguments):
      if case .model(let call)? = arguments.first?.value {
        return (Self.printed(function, call, arguments.dropFirst()), .primary)
      }
      return Self.printed(function, arguments)
    }
  }

  private static func printed(_ value: Double) -> (String, OperatorTable.Level) {
    if value.isNaN { return ("(0.0 / 0.0)", .primary) }
    let magnitude = value.magnitude.isInfinite ? "1e999" : "\(value.magnitude)"
    return value.sign == .minus ? ("-" + magnitude, .minus) : (magnitude, .primary)
  }

  private static func printed(
    _ function: String, _ arguments: [Argument]
  ) -> (String, OperatorTable.Level) {
    if arguments.allSatisfy({ $0.label == nil }) {
      if arguments.count == 2, let (symbol, level) = OperatorTable.binaryOperator(function) {
        // All binary operators group to the left; a comparison takes none on either side.
        let left = arguments[0].value.text(atLeast: level == .comparison ? level.next : level)
        return ("\(left) \(symbol) \(arguments[1].value.text(atLeast: level.next))", level)
      }
      if arguments.count == 1, function == "not" {
        return ("not " + arguments[0].value.text(atLeast: .not), .not)
      }
      if arguments.count == 1, function == "negate" {
        return ("-" + arguments[0].value.textAfterMinus, .minus)
      }
    }
    let list = arguments.map { ($0.label.map { $0 + "=" } ?? "") + $0.value.formula }
    return ("\(function)(\(list.joined(separator: ", ")))", .primary)
  }

  /// Inputs by name, so that no order has to be known.
  private static func printed(
    _ function: String, _ call: ModelCall, _ arguments: ArraySlice<Argument>
  ) -> String {
    let reference = call.model.reference
    var parts = [quoted(reference.path, "'")]
    for (input, argument) in zip(call.inputs, arguments) {
      let name = call.model.inputs[input].name
      parts.append("\(Expression.column(name).formula)=\(argument.value.formula)")
    }
    if let signature = reference.signature {
      parts.append("signature=" + quoted(signature, "'"))
    }
    parts.append("output=" + quoted(call.model.outputs[call.output].name, "'"))
    return "\(function)(\(parts.joined(separator: ", ")))"
  }

  private func text(atLeast level: OperatorTable.Level) -> String {
    let (text, own) = printed
    return own < level ? "(\(text))" : text
  }

  /// A literal after a minus needs parentheses, or the sign would become part of it.
  private var textAfterMinus: String {
    switch self {
    case .number, .integer: "(\(formula))"
    default: text(atLeast: .minus)
    }
  }

  private static func quoted(_ text: String, _ quote: Character) -> String {
    var result = String(quote)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case "\0": result += "\\0"
      case "\\": result += "\\\\"
      default:
        if Character(scalar) == quote { result += "\\" }
        result.unicodeScalars.append(scalar)
      }
    }
    return result + String(quote)
  }
}
