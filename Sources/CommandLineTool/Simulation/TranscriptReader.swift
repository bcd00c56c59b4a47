import EventTime
import FileIO
import Yams

/// Reads trigger transcripts: YAML documents as in Beam's `trigger_transcripts.yaml`.
///
/// Ours may also say `processing_time: T` in a transcript, and `closing_behavior` and
/// `on_time_behavior` (`always`, `non_empty`) beside the trigger.
enum TranscriptReader {
  private static let keys = [
    "name", "window_fn", "windowfn", "trigger_fn", "timestamp_combiner", "allowed_lateness",
    "accumulation_mode", "closing_behavior", "on_time_behavior", "error", "broken_on", "transcript",
  ]

  static func cases(_ path: String) throws -> [SimulationCase] {
    let bytes = try FileSystem.contents(of: path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SimulationError(place: path, message: "the file is not UTF-8")
    }
    let file = ConfigurationFile(path: path, environment: [:])
    // Beam reads its file with PyYAML, which wants no space between a key and a list.
    var documents = try Yams.compose_all(
      yaml: text.replacing(/(\w):\[/) { match in "\(match.1): [" }, .basic)
    var cases: [SimulationCase] = []
    while let node = documents.next() {
      cases.append(try simulationCase(ConfigurationNode(node: node, path: "", file: file)))
    }
    if let error = documents.error as? YamlError { throw ConfigurationFile.readable(error, path) }
    return cases
  }

  private static func simulationCase(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> SimulationCase {
    let block = try node.mapping(keys)
    let name = try block["name"]?.string() ?? "line \(node.node.mark?.line ?? 1)"
    let summary = try ["window_fn", "windowfn", "trigger_fn", "accumulation_mode"]
      .compactMap { block[$0] }
      .mapOrThrow({ value throws(ConfigurationError) in try value.string() })
    var simulated = SimulationCase(
      name: name, summary: summary.joined(separator: ", "), strategy: try strategy(block),
      steps: try steps(block.required("transcript")),
      complaint: try block["error"]?.string())
    // A transcript without a single `expect` is not a claim that nothing fires: it is shown.
    if !simulated.hasExpectations { return simulated }
    for index in simulated.steps.indices where simulated.steps[index].panes == nil {
      simulated.steps[index].panes = []
    }
    return simulated
  }

  private static func strategy(
    _ block: ConfigurationMapping
  ) throws(ConfigurationError) -> WindowingStrategy {
    guard let window = block["window_fn"] ?? block["windowfn"] else {
      throw block.parent.error("the key 'window_fn' is missing")
    }
    var strategy = WindowingStrategy(windowFn: try TranscriptFormula(window).windowFn())
    if let trigger = block["trigger_fn"] {
      strategy.trigger = try TranscriptFormula(trigger).trigger()
    }
    if let lateness = block["allowed_lateness"] {
      strategy.allowedLateness = .microseconds(Int64(try lateness.integer(0...Int.max)))
    }
    if let mode = block["accumulation_mode"] {
      strategy.accumulation = try mode.choice([
        ("accumulating", .accumulating), ("discarding", .discarding), ("retracting", .retracting),
      ])
    }
    if let combiner = block["timestamp_combiner"] {
      strategy.timestampCombiner = try combiner.choice([
        ("OUTPUT_AT_EOW", .endOfWindow), ("OUTPUT_AT_EARLIEST", .earliest),
        ("OUTPUT_AT_LATEST", .latest), ("OUTPUT_AT_EARLIEST_TRANSFORMED", .earliestTransformed),
      ])
    }
    let emptiness: [(String, EmptyPaneBehavior)] = [("always", .always), ("non_empty", .nonEmpty)]
    if let closing = block["closing_behavior"] {
      strategy.closingBehavior = try closing.choice(emptiness)
    }
    if let onTime = block["on_time_behavior"] {
      strategy.onTimeBehavior = try onTime.choice(emptiness)
    }
    return strategy
  }

  private static func steps(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> [SimulationCase.Step] {
    var steps: [SimulationCase.Step] = []
    for item in try node.list() {
      let block = try item.mapping(["input", "watermark", "processing_time", "expect", "state"])
      guard let (key, value) = block.pairs.first, block.pairs.count == 1 else {
        throw item.error("expected one event")
      }
      switch key.text {
      case "input":
        let times = try value.list().mapOrThrow(number)
        let rows = times.map {
          SimulationCase.Row(value: Int($0), time: Timestamp(microseconds: $0))
        }
        steps.append(.init(event: .rows(rows), text: "input: \(times)"))
      case "watermark":
        let time = try number(value)
        steps.append(
          .init(event: .watermark(Timestamp(microseconds: time)), text: "watermark: \(time)"))
      case "processing_time":
        let time = try number(value)
        steps.append(
          .init(
            event: .processingTime(Timestamp(microseconds: time)), text: "processing_time: \(time)")
        )
      case "expect":
        guard !steps.isEmpty else { throw item.error("nothing has happened yet") }
        let panes = try value.isNull ? [] : value.list().mapOrThrow(pane)
        steps[steps.count - 1].panes = (steps[steps.count - 1].panes ?? []) + panes
      // What Beam's Python driver keeps in its state: not ours to compare.
      default: break
      }
    }
    return steps
  }

  private static func number(_ node: ConfigurationNode) throws(ConfigurationError) -> Int64 {
    guard let number = Int64(try node.string()) else { throw node.error("expected a whole number") }
    return number
  }

  private static func pane(_ node: ConfigurationNode) throws(ConfigurationError) -> PaneExpectation
  {
    let block = try node.mapping([
      "window", "values", "timestamp", "index", "nonspeculative_index", "early", "late", "final",
    ])
    var pane = PaneExpectation()
    if let window = block["window"] {
      let bounds = try window.list().mapOrThrow(number)
      guard bounds.count == 2, bounds[0] <= bounds[1] else {
        throw window.error("expected [FIRST, LAST]")
      }
      pane.window = bounds[0]...bounds[1]
    }
    pane.values = try block["values"].mapOrThrow({ values throws(ConfigurationError) in
      try values.list().mapOrThrow(number).map { Int($0) }
    })
    pane.timestamp = try block["timestamp"].mapOrThrow(number)
    pane.index = try block["index"].mapOrThrow(number).map { Int($0) }
    pane.nonSpeculativeIndex = try block["nonspeculative_index"].mapOrThrow(number).map { Int($0) }
    pane.isEarly = try block["early"]?.boolean()
    pane.isLate = try block["late"]?.boolean()
    pane.isLast = try block["final"]?.boolean()
    pane.text = try block.pairs.mapOrThrow({ entry throws(ConfigurationError) in
      let value = entry.value
      let text = value.isSequence ? "\(try value.list().mapOrThrow(number))" : try value.string()
      return "\(entry.key.text): \(text)"
    }).joined(separator: ", ")
    return pane
  }
}
