import Columns
import EventTime
import FileIO

/// Reads a job file into a ``JobConfiguration``.
enum JobParser {
  private static let keys = [
    "job", "source", "schema", "event_time", "derive", "filter", "windows", "transform",
    "evaluate", "aggregate", "join", "drift", "output", "checkpoint", "memory", "dead_letters",
  ]

  static func parse(_ root: ConfigurationNode) throws(ConfigurationError) -> JobConfiguration {
    let top = try root.mapping(keys)
    try top.refuse(["join"])
    let windows = top["windows"]
    var stages: [StageConfiguration] = []
    for kind in ["transform", "evaluate", "aggregate", "drift"] {
      guard let block = top[kind] else { continue }
      stages += try StageParser.stages(kind, block, defaultWindows: windows)
    }
    guard !stages.isEmpty else {
      throw root.error("nothing to do: give at least one of transform, evaluate, aggregate, drift")
    }
    var configuration = JobConfiguration(
      name: try top.required("job").string(), input: try input(try top.required("source")),
      schema: try schema(top["schema"]), eventTime: try eventTime(top["event_time"]), derived: [],
      filter: top["filter"], stages: stages, badRecords: .deadLetter, root: root)
    if let derive = top["derive"] {
      configuration.derived = try derive.entries().pairs.map { ($0.key.text, $0.value) }
    }
    if let output = top["output"] {
      let block = try output.mapping(["snapshots", "keep", "kafka", "export"])
      if let keep = block["keep"] { configuration.kept = try kept(keep) }
      configuration.snapshotTopic = try outputTopic(block["kafka"], configuration.input)
      if let formats = block["export"] { configuration.exports = try exports(formats) }
      configuration.snapshots = try block.required("snapshots").string()
    }
    configuration.checkpoints = try checkpoints(top["checkpoint"])
    if let memory = top["memory"] {
      let block = try memory.mapping(["limit"])
      let limit = try block.required("limit")
      configuration.memoryLimit = JobConfiguration.MemoryLimit(
        byteCount: try byteCount(limit), node: limit)
    }
    if let letters = top["dead_letters"] {
      let block = try letters.mapping(["path", "topic", "on_bad_record"])
      configuration.deadLetterTopic = try outputTopic(block["topic"], configuration.input)
      configuration.deadLetterPath = try block["path"]?.string()
      if let policy = block["on_bad_record"] {
        configuration.badRecords = try policy.choice(
          JobConfiguration.BadRecordPolicy.allCases.map { ($0.rawValue, $0) })
      }
    }
    return configuration
  }

  private static func kept(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> Set<JobConfiguration.KeptFiles> {
    let choices = JobConfiguration.KeptFiles.allCases.map { ($0.rawValue, $0) }
    return Set(
      try node.list().mapOrThrow({ item throws(ConfigurationError) in try item.choice(choices) }))
  }

  private static func input(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> JobConfiguration.Input {
    let source = try node.mapping(["files", "kafka"])
    switch (source["files"], source["kafka"]) {
    case (let files?, nil): return .files(try self.files(files))
    case (nil, let kafka?): return .kafka(try KafkaParser.kafka(kafka))
    default: throw node.error("expected either 'files' or 'kafka'")
    }
  }

  private static func outputTopic(
    _ node: ConfigurationNode?, _ input: JobConfiguration.Input
  ) throws(ConfigurationError) -> JobConfiguration.OutputTopic? {
    guard let node else { return nil }
    return try KafkaParser.output(node, besides: input)
  }

  private static func exports(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> [ExportFormat] {
    var formats: [ExportFormat] = []
    for item in try node.list() {
      let format = try item.choice(ExportFormat.allCases.map { ($0.rawValue, $0) })
      if !formats.contains(format) { formats.append(format) }
    }
    return formats
  }

  private static func files(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> JobConfiguration.Files {
    let block = try node.mapping(["paths", "format", "follow"])
    let pathsNode = try block.required("paths")
    let paths = pathsNode.isSequence ? try pathsNode.strings() : [try pathsNode.string()]
    guard !paths.isEmpty else { throw pathsNode.error("the list of paths is empty") }
    let formats = FileFormat.allCases.map { ($0.rawValue, $0) }
    return JobConfiguration.Files(
      paths: paths, format: try block.required("format").choice(formats),
      isFollowed: try block["follow"]?.boolean() ?? false)
  }

  private static func checkpoints(
    _ node: ConfigurationNode?
  ) throws(ConfigurationError) -> JobConfiguration.Checkpoints? {
    guard let node else { return nil }
    let block = try node.mapping(["directory", "every", "keep"])
    var checkpoints = JobConfiguration.Checkpoints(
      directory: try block.required("directory").string())
    if let every = block["every"] {
      checkpoints.every = try every.interval(atLeast: .milliseconds(10))
    }
    if let keep = block["keep"] { checkpoints.keep = try keep.integer(3...Int.max) }
    return checkpoints
  }

  private static func schema(
    _ node: ConfigurationNode?
  ) throws(ConfigurationError) -> [JobConfiguration.SchemaEntry] {
    guard let node else { return [] }
    var entries: [JobConfiguration.SchemaEntry] = []
    for (key, value) in try node.entries().pairs {
      let field = try FieldType.field(named: key.text, value)
      entries.append(JobConfiguration.SchemaEntry(field: field, node: value))
    }
    return entries
  }

  private static func eventTime(
    _ node: ConfigurationNode?
  ) throws(ConfigurationError) -> JobConfiguration.EventTimeBlock? {
    guard let node else { return nil }
    let block = try node.mapping([
      "column", "max_out_of_orderness", "idle_after", "max_future_skew", "late", "max_split_drift",
      "close_after_idle",
    ])
    if let close = block["close_after_idle"], block["idle_after"] == nil {
      throw close.error("without idle_after no split is ever idle; give that too")
    }
    let late = try block["late"].mapOrThrow({ node throws(ConfigurationError) in
      try node.choice(JobConfiguration.LatePolicy.allCases.map { ($0.rawValue, $0) })
    })
    return JobConfiguration.EventTimeBlock(
      column: try block.required("column"),
      maxOutOfOrderness: try block["max_out_of_orderness"]?.interval() ?? .zero,
      idleAfter: try block["idle_after"]?.interval(),
      maxFutureSkew: try block["max_future_skew"]?.interval(),
      maxSplitDrift: try block["max_split_drift"]?.interval(),
      closeAfterIdle: try block["close_after_idle"]?.interval(), late: late)
  }

  /// Bytes, such as `2GiB`, `500MB` or a bare number.
  private static func byteCount(_ node: ConfigurationNode) throws(ConfigurationError) -> Int {
    let text = try node.string()
    let digits = text.prefix { $0.isNumber || $0 == "." }
    let units = [
      "": 1.0, "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1024, "MiB": 1_048_576,
      "GiB": 1_073_741_824,
    ]
    let unit = text.dropFirst(digits.count).filter { $0 != " " }
    guard let number = Double(digits), let factor = units[String(unit)], number * factor >= 1,
      number * factor < 1e18
    else { throw node.error("expected a size such as 2GiB or 500MB, found '\(text)'") }
    return Int(number * factor)
  }
}
