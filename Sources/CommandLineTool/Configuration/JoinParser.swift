import EventTime
import Expressions

/// Reads the block `join`: two inputs, and how their rows find each other.
enum JoinParser {
  private static let inputKeys = ["files", "kafka", "schema", "event_time", "filter"]

  /// `top` is the job file, whose block `event_time` holds for both inputs.
  static func join(
    _ node: ConfigurationNode, _ top: ConfigurationMapping
  ) throws(ConfigurationError) -> JobConfiguration.Join {
    if let start = top["start_from"] { throw start.error("not supported for a join") }
    for key in ["source", "schema", "filter"] {
      if let value = top[key] {
        throw value.error(
          "a job with a join has two inputs: give '\(key)' to join.predictions and join.labels")
      }
    }
    let block = try node.mapping(["predictions", "labels", "on", "label_wait", "memory"])
    let on = try block.required("on")
    let key = try self.key(on)
    let waitNode = try block.required("label_wait")
    var join = JobConfiguration.Join(
      predictions: try input(try block.required("predictions"), key.predictions, top),
      labels: try input(try block.required("labels"), key.labels, top),
      labelWait: try waitNode.interval(atLeast: Interval(microseconds: 1)), node: node)
    if let memory = block["memory"] { join.memoryLimit = try JobParser.byteCount(memory) }
    return join
  }

  /// `[ride_id]`, `ride_id`, or `{ predictions: [id], labels: [ride_id] }`.
  private static func key(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> (predictions: [ConfigurationNode], labels: [ConfigurationNode]) {
    func columns(_ node: ConfigurationNode) throws(ConfigurationError) -> [ConfigurationNode] {
      let list = node.isSequence ? try node.list() : [node]
      for column in list { _ = try column.string() }
      guard !list.isEmpty else { throw node.error("the list of key columns is empty") }
      return list
    }
    guard node.isMapping else {
      let shared = try columns(node)
      return (shared, shared)
    }
    let block = try node.mapping(["predictions", "labels"])
    let predictions = try columns(try block.required("predictions"))
    let labels = try columns(try block.required("labels"))
    guard predictions.count == labels.count else {
      throw node.error(
        "\(predictions.count) columns of predictions cannot meet \(labels.count) of labels")
    }
    return (predictions, labels)
  }

  private static func input(
    _ node: ConfigurationNode, _ key: [ConfigurationNode], _ top: ConfigurationMapping
  ) throws(ConfigurationError) -> JobConfiguration.InputBlock {
    let block = try node.mapping(inputKeys)
    return JobConfiguration.InputBlock(
      input: try JobParser.input(block), schema: try JobParser.schema(block["schema"]),
      eventTime: try eventTime(block, top["event_time"]), filter: block["filter"], key: key,
      node: node)
  }

  /// The block of the job, with what the input says of its own column.
  private static func eventTime(
    _ block: ConfigurationMapping, _ shared: ConfigurationNode?
  ) throws(ConfigurationError) -> JobConfiguration.EventTimeBlock {
    let own = try block["event_time"]?.mapping(["column", "max_out_of_orderness", "watermark"])
    let sharedColumn = try shared?.entries()["column"]
    guard let column = own?["column"] ?? sharedColumn else {
      throw (block["event_time"] ?? block.parent).error(
        "the column of the event time is missing: give event_time.column here")
    }
    var time = try JobParser.eventTime(shared, column: column)
    if let bound = own?["max_out_of_orderness"] { time.maxOutOfOrderness = try bound.interval() }
    if let node = own?["watermark"] {
      let watermark = try WatermarkParser.watermark(node)
      time.watermarkColumn = watermark.column
      time.estimator = watermark.estimator
    }
    return time
  }

  /// The stage as it is behind a join: open for the labels to come, and told when that is over.
  ///
  /// `windows` is where the stage's windows are given.
  static func joined(
    _ stage: StageConfiguration, _ windows: ConfigurationNode?, _ join: JobConfiguration.Join
  ) throws(ConfigurationError) -> StageConfiguration {
    var stage = stage
    switch stage.body {
    case .evaluate, .aggregate: break
    case .transform, .apply, .drift:
      throw stage.node.error(
        "not supported behind a join; give it a job of its own over the predictions")
    }
    let block = try (try stage.node.entries()["windows"] ?? windows)?.entries()
    if let sessions = block?["sessions"] {
      throw sessions.error("not supported behind a join; use fixed, sliding or calendar windows")
    }
    if let mode = block?["accumulation"], stage.windowing.accumulation == .discarding {
      throw mode.error(
        "a pane of discarded rows has no label coverage; use accumulating or retracting")
    }
    let lateness = Timestamp(microseconds: stage.windowing.allowedLateness.microseconds)
      .advanced(by: join.labelWait)
    stage.windowing.allowedLateness = Interval(microseconds: lateness.microseconds)
    if block?["trigger"] == nil { stage.windowing.trigger = .afterWatermark(late: .never) }
    if block?["closing"] == nil { stage.windowing.closingBehavior = .always }
    return stage
  }
}
