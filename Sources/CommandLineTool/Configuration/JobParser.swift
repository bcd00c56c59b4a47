import Columns
import EventTime
import FileIO

/// Reads a job file into a ``JobConfiguration``.
enum JobParser {
  private static let keys = [
    "job", "source", "schema", "event_time", "derive", "filter", "windows", "transform",
    "evaluate", "aggregate", "join", "drift", "output", "checkpoint", "memory", "dead_letters",
    "start_from", "runtimes",
  ]

  static func parse(_ root: ConfigurationNode) throws(ConfigurationError) -> JobConfiguration {
    let top = try root.mapping(keys)
    let join = try top["join"].mapOrThrow({ node throws(ConfigurationError) in
      try JoinParser.join(node, top)
    })
    let windows = top["windows"]
    var stages: [StageConfiguration] = []
    for kind in ["transform", "evaluate", "aggregate", "drift"] {
      guard let block = top[kind] else { continue }
      stages += try StageParser.stages(kind, block, defaultWindows: windows)
    }
    if let join {
      stages = try stages.mapOrThrow({ stage throws(ConfigurationError) in
        try JoinParser.joined(stage, windows, join)
      })
    }
    guard !stages.isEmpty else {
      throw root.error("nothing to do: give at least one of transform, evaluate, aggregate, drift")
    }
    let first = if let join { join.predictions } else { try onlyInput(top) }
    var configuration = JobConfiguration(
      name: try top.required("job").string(), input: first.input, schema: first.schema,
      eventTime: first.eventTime, derived: [], filter: top["filter"], stages: stages,
      badRecords: .deadLetter, root: root)
    configuration.join = join
    if let derive = top["derive"] {
      configuration.derived = try derive.entries().pairs.map { ($0.key.text, $0.value) }
    }
    if let output = top["output"] { try readOutput(output, into: &configuration) }
    if let panes = top["start_from"] {
      configuration.startFrom = panes.isSequence ? try panes.list() : [panes]
    }
    configuration.checkpoints = try checkpoints(top["checkpoint"])
    if let memory = top["memory"] {
      try readMemory(memory, into: &configuration)
    }
    configuration.shareBuffers()
    if let letters = top["dead_letters"] {
      let block = try letters.mapping(["path", "topic", "on_bad_record"])
      configuration.deadLetterTopic = try outputTopic(block["topic"], configuration.input)
      configuration.deadLetterPath = try block["path"]?.string()
      if let policy = block["on_bad_record"] {
        configuration.badRecords = try policy.choice(
          JobConfiguration.BadRecordPolicy.allCases.map { ($0.rawValue, $0) })
      }
    }
    configuration.topics = try TopicOutputs(configuration)
    if let runtimes = top["runtimes"] { configuration.runtimes = try self.runtimes(runtimes) }
    return configuration
  }

  private static func readMemory(
    _ memory: ConfigurationNode, into configuration: inout JobConfiguration
  ) throws(ConfigurationError) {
    let block = try memory.mapping(["limit", "buffers", "vocabularies"])
    if let limit = block["limit"] {
      configuration.memoryLimit = JobConfiguration.MemoryLimit(
        byteCount: try byteCount(limit), node: limit)
    }
    if let budget = block["vocabularies"] {
      configuration.vocabularyBudget = try byteCount(budget)
    }
    if let buffers = block["buffers"] { configuration.buffers.byteCount = try byteCount(buffers) }
  }

  private static func readOutput(
    _ output: ConfigurationNode, into configuration: inout JobConfiguration
  ) throws(ConfigurationError) {
    let block = try output.mapping(["snapshots", "keep", "kafka", "export"])
    if let keep = block["keep"] {
      configuration.kept = try kept(keep)
      if configuration.join != nil, configuration.kept.contains(.state) {
        throw keep.error("states are not kept behind a join: rows that wait would be missing")
      }
    }
    configuration.snapshotTopic = try outputTopic(block["kafka"], configuration.input)
    if let formats = block["export"] { configuration.exports = try exports(formats) }
    configuration.snapshots = try block.required("snapshots").string()
  }

  /// The input of a job that has but one.
  private static func onlyInput(
    _ top: ConfigurationMapping
  ) throws(ConfigurationError) -> JobConfiguration.InputBlock {
    let source = try top.required("source")
    return JobConfiguration.InputBlock(
      input: try input(try source.mapping(["files", "kafka"])), schema: try schema(top["schema"]),
      eventTime: try top["event_time"].mapOrThrow({ node throws(ConfigurationError) in
        try eventTime(node, column: try node.mapping(eventTimeKeys).required("column"))
      }), node: source)
  }

  private static func runtimes(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> RuntimePlaces {
    let block = try node.mapping(["python", "onnxruntime", "tensorflow"])
    return RuntimePlaces(
      python: try block["python"]?.string(), onnxRuntime: try block["onnxruntime"]?.string(),
      tensorFlow: try block["tensorflow"]?.string())
  }

  private static func kept(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> Set<JobConfiguration.KeptFiles> {
    let choices = JobConfiguration.KeptFiles.allCases.map { ($0.rawValue, $0) }
    return Set(
      try node.list().mapOrThrow({ item throws(ConfigurationError) in try item.choice(choices) }))
  }

  static func input(
    _ source: ConfigurationMapping
  ) throws(ConfigurationError) -> JobConfiguration.Input {
    switch (source["files"], source["kafka"]) {
    case (let files?, nil): return .files(try self.files(files))
    case (nil, let kafka?): return .kafka(try KafkaParser.kafka(kafka))
    default: throw source.parent.error("expected either 'files' or 'kafka'")
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

  static func schema(
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

  private static let eventTimeKeys = [
    "column", "max_out_of_orderness", "idle_after", "max_future_skew", "late", "max_split_drift",
    "close_after_idle", "watermark",
  ]

  /// The block at `node` but for its column, which is `column`.
  static func eventTime(
    _ node: ConfigurationNode?, column: ConfigurationNode
  ) throws(ConfigurationError) -> JobConfiguration.EventTimeBlock {
    guard let node else {
      return JobConfiguration.EventTimeBlock(column: column, maxOutOfOrderness: .zero)
    }
    let block = try node.mapping(eventTimeKeys)
    let watermark = try block["watermark"].mapOrThrow({ node throws(ConfigurationError) in
      try WatermarkParser.watermark(node)
    })
    if let bound = block["max_out_of_orderness"], let estimator = watermark?.estimator {
      throw bound.error(
        "'watermark' names \(type(of: estimator).name), which takes its place; "
          + "give that the bound, or leave one of them out")
    }
    if let close = block["close_after_idle"], block["idle_after"] == nil {
      throw close.error("without idle_after no split is ever idle; give that too")
    }
    let late = try block["late"].mapOrThrow({ node throws(ConfigurationError) in
      try node.choice(JobConfiguration.LatePolicy.allCases.map { ($0.rawValue, $0) })
    })
    return JobConfiguration.EventTimeBlock(
      column: column, watermarkColumn: watermark?.column,
      maxOutOfOrderness: try block["max_out_of_orderness"]?.interval() ?? .zero,
      estimator: watermark?.estimator,
      idleAfter: try block["idle_after"]?.interval(),
      maxFutureSkew: try block["max_future_skew"]?.interval(),
      maxSplitDrift: try block["max_split_drift"]?.interval(),
      closeAfterIdle: try block["close_after_idle"]?.interval(), late: late)
  }

  /// Bytes, such as `2GiB`, `500MB` or a bare number.
  static func byteCount(_ node: ConfigurationNode) throws(ConfigurationError) -> Int {
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
