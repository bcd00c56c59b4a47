/// One word of a formula.
enum Token: Hashable {
  case number(Double)
  /// The magnitude; a sign is an operator.
  case integer(UInt64)
  case string(String)
  case name(String)
  case quotedName(String)
  case symbol(String)
  case end

  var text: String {
    switch self {
    case .number(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .string(let value): "'\(value)'"
    case .name(let value), .symbol(let value): "'\(value)'"
    case .quotedName(let value): "`\(value)`"
    case .end: "the end of the formula"
    }
  }
}

/// Words that are not column names.
enum ReservedWord {
  static let all: Set<String> = ["and", "or", "not", "true", "false", "True", "False", "None"]
}
