extension Expression {
  /// This expression with every column that `definitions` names replaced by its definition.
  public func substituting(_ definitions: [String: Expression]) -> Expression {
    switch self {
    case .column(let name): definitions[name] ?? self
    case .number, .integer, .string, .bool, .model: self
    case .list(let elements): .list(elements.map { $0.substituting(definitions) })
    case .call(let name, let arguments):
      .call(
        name,
        arguments.map { Argument(label: $0.label, $0.value.substituting(definitions)) })
    }
  }
}
