import EventTime

/// Reads the blocks `windows` and `trigger`.
enum WindowingParser {
  private static let windowFns = ["fixed", "sliding", "sessions", "global", "calendar"]
  private static let keys =
    windowFns + [
      "offset", "allowed_lateness", "trigger", "accumulation", "timestamp_combiner", "closing",
      "on_time",
    ]

  static func strategy(_ node: ConfigurationNode) throws(ConfigurationError) -> WindowingStrategy {
    let block = try node.mapping(keys)
    let given = windowFns.filter { block[$0] != nil }
    guard given.count == 1 else {
      throw node.error(
        given.isEmpty
          ? "no windows are given; allowed: \(windowFns.joined(separator: ", "))"
          : "\(given.joined(separator: " and ")) contradict each other; give one")
    }
    var strategy = WindowingStrategy(windowFn: try windowFn(block))
    strategy.allowedLateness = try block["allowed_lateness"]?.interval() ?? .zero
    if let trigger = block["trigger"] { strategy.trigger = try self.trigger(trigger) }
    if let mode = block["accumulation"] {
      strategy.accumulation = try mode.choice([
        ("accumulating", .accumulating), ("discarding", .discarding), ("retracting", .retracting),
      ])
    }
    let emptiness: [(String, EmptyPaneBehavior)] = [("always", .always), ("non_empty", .nonEmpty)]
    if let closing = block["closing"] { strategy.closingBehavior = try closing.choice(emptiness) }
    if let onTime = block["on_time"] { strategy.onTimeBehavior = try onTime.choice(emptiness) }
    if let combiner = block["timestamp_combiner"] {
      strategy.timestampCombiner = try combiner.choice([
        ("earliest", .earliest), ("latest", .latest), ("end_of_window", .endOfWindow),
      ])
    }
    return strategy
  }

  /// The formulas that make the key of the windows; only sessions have one.
  static func key(_ node: ConfigurationNode) throws(ConfigurationError) -> [ConfigurationNode] {
    try node.mapping(keys)["sessions"]?.mapping(["gap", "key"])["key"]?.list() ?? []
  }

  private static func windowFn(
    _ block: ConfigurationMapping
  ) throws(ConfigurationError) -> any WindowFn {
    if let fixed = block["fixed"] {
      let size = try fixed.interval(atLeast: Interval(microseconds: 1))
      return FixedWindows(size: size, offset: try block["offset"]?.interval() ?? .zero)
    }
    if let sliding = block["sliding"] { return try slidingWindows(sliding, block["offset"]) }
    if let calendar = block["calendar"] {
      return try CalendarParser.windows(calendar, offset: block["offset"])
    }
    if let sessions = block["sessions"] {
      if let offset = block["offset"] { throw offset.error("sessions have no offset") }
      let gap = try sessions.mapping(["gap", "key"]).required("gap")
      return Sessions(gap: try gap.interval(atLeast: Interval(microseconds: 1)))
    }
    if let offset = block["offset"] {
      throw offset.error("the global window has no offset")
    }
    return GlobalWindows()
  }

  private static func slidingWindows(
    _ node: ConfigurationNode, _ offset: ConfigurationNode?
  ) throws(ConfigurationError) -> SlidingWindows {
    let block = try node.mapping(["size", "every"])
    let least = Interval(microseconds: 1)
    let size = try block.required("size").interval(atLeast: least)
    let everyNode = try block.required("every")
    let every = try everyNode.interval(atLeast: least)
    guard every <= size else {
      throw everyNode.error(
        "windows of \(size) every \(every) leave out the rows between them; "
          + "give at most the size, and leave rows out with filter")
    }
    guard size.microseconds / every.microseconds < maximumOverlap else {
      throw everyNode.error(
        "a row would be in more than \(maximumOverlap) windows; slide in longer steps")
    }
    return SlidingWindows(size: size, period: every, offset: try offset?.interval() ?? .zero)
  }

  /// The most windows that a row can be in.
  private static let maximumOverlap: Int64 = 10_000

  static func trigger(_ node: ConfigurationNode) throws(ConfigurationError) -> Trigger {
    guard node.isMapping else {
      return try node.choice([
        ("default", .default), ("never", .never), ("always", .always),
        ("after_watermark", .afterWatermark()),
      ])
    }
    let block = try node.mapping(TriggerCatalog.names)
    guard let (key, value) = block.pairs.first, block.pairs.count == 1 else {
      throw node.error(
        "expected one trigger, found \(block.pairs.count); combine them with after_any")
    }
    switch key.text {
    case "after_watermark": return try afterWatermark(value)
    case "after_count": return .afterCount(try value.integer(1...Int.max))
    case "after_processing_time":
      return .afterProcessingTime(delay: try value.interval())
    case "every":
      return .repeatedly(.afterProcessingTime(delay: try value.interval(atLeast: .seconds(0))))
    case "after_all": return .afterAll(try list(value))
    case "after_any": return .afterAny(try list(value))
    case "after_each": return .afterEach(try list(value))
    case "repeatedly": return .repeatedly(try trigger(value))
    case "or_finally":
      let parts = try value.mapping(["trigger", "until"])
      return .orFinally(
        try trigger(try parts.required("trigger")), until: try trigger(try parts.required("until")))
    case "never": return .never
    case "always": return .always
    default: return .default
    }
  }

  private static func afterWatermark(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> Trigger {
    if node.isNull { return .afterWatermark() }
    let block = try node.mapping(["early", "late"])
    var early: Trigger?
    var late: Trigger?
    if let node = block["early"] { early = try trigger(node) }
    if let node = block["late"] { late = try trigger(node) }
    return .afterWatermark(early: early, late: late)
  }

  private static func list(_ node: ConfigurationNode) throws(ConfigurationError) -> [Trigger] {
    var result: [Trigger] = []
    for item in try node.list() { result.append(try trigger(item)) }
    guard !result.isEmpty else { throw node.error("the list of triggers is empty") }
    return result
  }
}
