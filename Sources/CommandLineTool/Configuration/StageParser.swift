import Dataflow
import EventTime
import Transform

/// Reads the blocks `transform`, `evaluate`, `aggregate` and `drift`.
enum StageParser {
  static func stages(
    _ kind: String, _ node: ConfigurationNode, defaultWindows: ConfigurationNode?
  ) throws(ConfigurationError) -> [StageConfiguration] {
    guard node.isSequence else {
      return try self.stages(kind, of: node, defaultWindows, needsName: false)
    }
    var stages: [StageConfiguration] = []
    for item in try node.list() {
      let found = try self.stages(kind, of: item, defaultWindows, needsName: true)
      guard !stages.contains(where: { $0.name == found[0].name }) else {
        throw item.error("two stages are named '\(found[0].name)'")
      }
      stages += found
    }
    guard !stages.isEmpty else { throw node.error("the list of stages is empty") }
    return stages
  }

  private static let keys = [
    "transform": ["name", "windows", "outputs", "compat", "nan", "phases", "apply"],
    "evaluate": [
      "name", "windows", "label", "prediction", "models", "weight", "slices", "metrics",
      "thresholds", "plots", "compat", "eval_config", "intervals", "slice_budget", "baseline",
      "classes", "cross_slices", "min_slice_size", "exact_rows",
      "attributions",
    ],
    "aggregate": ["name", "windows", "keys", "values", "format"],
    "drift": [
      "name", "windows", "features", "categorical", "reference", "alarm_rate", "at_least", "gate",
    ],
  ]

  /// The stage at `node`; for a transform that is applied, that comes after.
  private static func stages(
    _ kind: String, of node: ConfigurationNode, _ defaultWindows: ConfigurationNode?,
    needsName: Bool
  ) throws(ConfigurationError) -> [StageConfiguration] {
    let block = try node.mapping(keys[kind] ?? [])
    let name = try needsName ? block.required("name").string() : block["name"]?.string() ?? ""
    guard !name.contains("/"), name != ".", name != ".." else {
      throw node.error("the name '\(name)' becomes a directory and may hold no '/'")
    }
    guard let windows = block["windows"] ?? defaultWindows else {
      throw node.error("no windows: give 'windows' here or at the top of the file")
    }
    let windowing = try WindowingParser.strategy(windows)
    let windowKey = try WindowingParser.key(windows)
    guard kind == "transform", let apply = block["apply"] else {
      return [
        StageConfiguration(
          name: name, windowing: windowing, windowKey: windowKey,
          body: try body(kind, block, windowing),
          node: node)
      ]
    }
    var stages: [StageConfiguration] = []
    var outputs: [(name: String, formula: ConfigurationNode)]?
    if block["outputs"] != nil {
      let body = try body(kind, block, windowing)
      if case .transform(let given, _) = body { outputs = given }
      stages.append(
        StageConfiguration(
          name: name, windowing: windowing, windowKey: windowKey, body: body, node: node))
    }
    let configuration = try ApplyParser.configuration(apply, outputs: outputs)
    stages.append(
      StageConfiguration(
        name: name, windowing: try ApplyParser.windowing(windowing, configuration, apply),
        windowKey: windowKey, body: .apply(configuration), node: apply))
    return stages
  }

  private static func body(
    _ kind: String, _ block: ConfigurationMapping, _ windowing: WindowingStrategy
  ) throws(ConfigurationError) -> StageConfiguration.Body {
    switch kind {
    case "transform":
      return .transform(
        outputs: try formulas(try block.required("outputs")),
        options: try transformOptions(block, windowing))
    case "evaluate":
      return .evaluate(block)
    case "drift": return .drift(block)
    default:
      var keys: [ConfigurationNode] = []
      if let node = block["keys"] { keys = try node.list() }
      let formats = [("jsonl", false), ("csv", true)]
      let csv: Bool = if let node = block["format"] { try node.choice(formats) } else { false }
      return .aggregate(
        keys: keys, values: try formulas(try block.required("values")), writesCSV: csv)
    }
  }

  private static func transformOptions(
    _ block: ConfigurationMapping, _ windowing: WindowingStrategy
  ) throws(ConfigurationError) -> TransformOptions {
    var options = TransformOptions()
    options.phases = windowing.growsWithoutEnd ? .lagged : .exact
    if let node = block["phases"] {
      options.phases = try node.choice(PhaseStrategy.allCases.map { ($0.rawValue, $0) })
      if options.phases == .lagged && !(windowing.windowFn is GlobalWindows) {
        throw node.error("windows that end keep their rows; 'lagged' is for the global window")
      }
    }
    if let node = block["nan"] {
      options.nan = try node.choice(NaNPolicy.allCases.map { ($0.rawValue, $0) })
    }
    if let node = block["compat"] {
      options.isCompatible = try node.choice([("tft", true)])
      if block["nan"] != nil {
        throw node.error("'compat: tft' says what NaN does; leave out 'nan'")
      }
    }
    return options
  }

  private static func formulas(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> [(name: String, formula: ConfigurationNode)] {
    let pairs = try node.entries().pairs
    guard !pairs.isEmpty else { throw node.error("no formula is given") }
    return pairs.map { ($0.key.text, $0.value) }
  }
}
