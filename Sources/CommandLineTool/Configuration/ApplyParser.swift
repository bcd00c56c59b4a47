import EventTime

/// What a transform stage does with the rows themselves.
struct ApplyConfiguration {
  enum Version {
    case latest
    case number(Int)
  }

  var version: Version
  /// The output directory of the job that published a version; this one's if `nil`.
  var from: String?
  var format: RowFormat
  /// Where rows go besides their file.
  var topic: ConfigurationNode?
  /// The transform stage whose versions are applied; `nil` where they come from elsewhere.
  var outputs: [(name: String, formula: ConfigurationNode)]?
}

/// Reads `transform.apply`.
enum ApplyParser {
  static func configuration(
    _ node: ConfigurationNode, outputs: [(name: String, formula: ConfigurationNode)]?
  ) throws(ConfigurationError) -> ApplyConfiguration {
    let block = try node.mapping(["version", "from", "output"])
    let versionNode = try block.required("version")
    let version: ApplyConfiguration.Version
    if try versionNode.string() == "latest" {
      version = .latest
    } else {
      version = .number(try versionNode.integer(1...Int.max))
    }
    let from = try block["from"]?.string()
    if case .number = version, from == nil {
      throw versionNode.error("a version by number is one of an earlier run; say whose with 'from'")
    }
    if from == nil && outputs == nil {
      throw node.error("without 'outputs' there is no version to apply; give 'from'")
    }
    let output = try block.required("output").mapping(["format", "kafka"])
    let format = try output.required("format").choice(
      RowFormat.allCases.map { ($0.rawValue, $0) })
    return ApplyConfiguration(
      version: version, from: from, format: format, topic: output["kafka"], outputs: outputs)
  }

  /// The rows of a window are handed on once, when it closes: then the windows before it have closed
  /// too, so that which version is the latest does not depend on arrival.
  static func windowing(
    _ windowing: WindowingStrategy, _ configuration: ApplyConfiguration, _ node: ConfigurationNode
  ) throws(ConfigurationError) -> WindowingStrategy {
    if case .latest = configuration.version {
      if windowing.windowFn.isMerging {
        throw node.error("sessions do not follow one another; apply a version by number")
      }
      if windowing.windowFn is GlobalWindows, configuration.from == nil {
        throw node.error("no window comes before the global one; give 'from', or other windows")
      }
      if windowing.accumulation == .discarding, configuration.outputs != nil {
        throw node.error("the last pane of a discarding stage is not its result; let it accumulate")
      }
    }
    var result = windowing
    result.trigger = .never
    result.accumulation = .discarding
    return result
  }
}
