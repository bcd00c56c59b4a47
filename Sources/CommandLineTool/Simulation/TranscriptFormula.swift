import EventTime
import Expressions

/// A window function or trigger in Beam's Python notation: `AfterWatermark(early=AfterCount(3))`.
struct TranscriptFormula {
  private let node: ConfigurationNode
  private let expression: Expression

  init(_ node: ConfigurationNode) throws(ConfigurationError) {
    self.node = node
    expression = try node.formula().expression
  }

  func trigger() throws(ConfigurationError) -> Trigger { try trigger(expression) }

  func windowFn() throws(ConfigurationError) -> any WindowFn {
    let (name, arguments) = try call(expression)
    func interval(_ index: Int, _ label: String) throws(ConfigurationError) -> Interval? {
      let given =
        arguments.first { $0.label == label }
        ?? (index < arguments.count && arguments[index].label == nil ? arguments[index] : nil)
      return try given.mapOrThrow({ argument throws(ConfigurationError) in
        .microseconds(try number(argument.value))
      })
    }
    func positive(_ index: Int, _ label: String) throws(ConfigurationError) -> Interval {
      guard let interval = try interval(index, label), interval > .zero else {
        throw node.error("\(name) needs a positive \(label)")
      }
      return interval
    }
    switch name {
    case "FixedWindows":
      return FixedWindows(
        size: try positive(0, "size"), offset: try interval(1, "offset") ?? .zero)
    case "CustomTimestampingFixedWindowsWindowFn":
      return ShiftingFixedWindows(size: try positive(0, "size"))
    case "SlidingWindows":
      return SlidingWindows(
        size: try positive(0, "size"), period: try positive(1, "period"),
        offset: try interval(2, "offset") ?? .zero)
    case "Sessions": return Sessions(gap: try positive(0, "gap_size"))
    case "GlobalWindows": return GlobalWindows()
    default:
      throw node.error(
        "no window function is called '\(name)'"
          + suggestion(
            for: name, among: ["FixedWindows", "SlidingWindows", "Sessions", "GlobalWindows"]))
    }
  }

  private func trigger(_ expression: Expression) throws(ConfigurationError) -> Trigger {
    let (name, arguments) = try call(expression)
    func part(_ index: Int) throws(ConfigurationError) -> Trigger {
      guard index < arguments.count else { throw node.error("\(name) needs a trigger") }
      return try trigger(arguments[index].value)
    }
    func parts() throws(ConfigurationError) -> [Trigger] {
      guard !arguments.isEmpty else { throw node.error("\(name) needs triggers") }
      return try arguments.mapOrThrow({ argument throws(ConfigurationError) in
        try trigger(argument.value)
      })
    }
    func labelled(_ label: String) throws(ConfigurationError) -> Trigger? {
      try arguments.first { $0.label == label }.mapOrThrow({ argument throws(ConfigurationError) in
        try trigger(argument.value)
      })
    }
    switch name {
    case "Default", "DefaultTrigger": return .default
    case "AfterWatermark":
      return .afterWatermark(early: try labelled("early"), late: try labelled("late"))
    case "AfterCount":
      return .afterCount(Int(try number(arguments.first?.value ?? .none)))
    case "AfterProcessingTime":
      return .afterProcessingTime(
        delay: .microseconds(try arguments.isEmpty ? 0 : number(arguments[0].value)))
    case "Repeatedly": return .repeatedly(try part(0))
    case "AfterAll": return .afterAll(try parts())
    case "AfterAny", "AfterFirst": return .afterAny(try parts())
    case "AfterEach": return .afterEach(try parts())
    case "OrFinally": return .orFinally(try part(0), until: try part(1))
    case "Always": return .always
    case "Never": return .never
    default:
      let names = [
        "Default", "AfterWatermark", "AfterCount", "AfterProcessingTime", "Repeatedly", "AfterAll",
        "AfterAny", "AfterEach", "OrFinally", "Always", "Never",
      ]
      throw node.error("no trigger is called '\(name)'\(suggestion(for: name, among: names))")
    }
  }

  /// A name with its arguments; empty parentheses may be left out.
  private func call(
    _ expression: Expression
  ) throws(ConfigurationError) -> (name: String, arguments: [Expression.Argument]) {
    switch expression {
    case .column(let name): return (name, [])
    case .call(let name, let arguments): return (name, arguments)
    default: throw node.error("expected a name with arguments, found '\(expression.formula)'")
    }
  }

  private func number(_ expression: Expression) throws(ConfigurationError) -> Int64 {
    guard case .integer(let value) = expression, value >= 0 else {
      throw node.error("expected a whole number, found '\(expression.formula)'")
    }
    return value
  }
}
