import EventTime

/// Reads triggers written as s-expressions: `(repeat (any (count 2) (proc 5)))`.
struct TriggerExpression {
  private var tokens: ArraySlice<Substring>
  private let text: String

  /// The trigger that `text` is.
  static func trigger(_ text: String) throws -> Trigger {
    var reader = TriggerExpression(text)
    let trigger = try reader.next()
    guard reader.tokens.isEmpty else { throw reader.error("text after the trigger") }
    return trigger
  }

  private init(_ text: String) {
    self.text = text
    let spaced = text.replacing("(", with: " ( ").replacing(")", with: " ) ")
    tokens = spaced.split(separator: " ")[...]
  }

  private func error(_ message: String) -> SimulationError {
    SimulationError(place: "trigger '\(text)'", message: message)
  }

  private mutating func next() throws -> Trigger {
    guard tokens.popFirst() == "(", let name = tokens.popFirst() else {
      throw error("expected (name …)")
    }
    var number: Int64?
    if let value = tokens.first.flatMap({ Int64($0) }) {
      number = value
      tokens.removeFirst()
    }
    var parts: [Trigger] = []
    while tokens.first == "(" { parts.append(try next()) }
    guard tokens.popFirst() == ")" else { throw error("a parenthesis is not closed") }
    return try make(name, number, parts)
  }

  private func make(_ name: Substring, _ number: Int64?, _ parts: [Trigger]) throws -> Trigger {
    switch (name, parts.count, number) {
    case ("default", 0, nil): .default
    case ("never", 0, nil): .never
    case ("always", 0, nil): .always
    case ("eow", 0...2, nil):
      .afterWatermark(
        early: parts.first == .never ? nil : parts.first, late: parts.count > 1 ? parts[1] : nil)
    case ("count", 0, let number?): .afterCount(Int(number))
    case ("proc", 0, let number?): .afterProcessingTime(delay: .microseconds(number))
    case ("repeat", 1, nil): .repeatedly(parts[0])
    case ("each", 1..., nil): .afterEach(parts)
    case ("any", 1..., nil): .afterAny(parts)
    case ("all", 1..., nil): .afterAll(parts)
    case ("orfinally", 2, nil): .orFinally(parts[0], until: parts[1])
    default: throw error("no trigger is called '\(name)' with these arguments")
    }
  }
}
