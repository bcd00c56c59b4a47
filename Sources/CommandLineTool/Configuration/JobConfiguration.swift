import Columns
import EventTime
import Expressions
import FileIO

/// A job file as values: syntax and words are checked, names of columns are not yet.
struct JobConfiguration {
  struct Files {
    var paths: [String]
    var format: FileFormat
    var isFollowed: Bool
  }

  /// A schema entry, with its place for messages.
  struct SchemaEntry {
    var field: Field
    var node: ConfigurationNode
  }

  struct EventTimeBlock {
    var column: ConfigurationNode
    var maxOutOfOrderness: Interval
    var idleAfter: Interval?
    var maxFutureSkew: Interval?
    var maxSplitDrift: Interval?
    var closeAfterIdle: Interval?
    /// What happens to late rows; `nil` if the file does not say.
    var late: LatePolicy?
  }

  enum LatePolicy: String, CaseIterable {
    case drop
    case sideOutput = "side_output"
  }

  struct MemoryLimit {
    var byteCount: Int
    var node: ConfigurationNode
  }

  struct Checkpoints {
    var directory: String
    var every: Interval = .seconds(10)
    var keep = 3
  }

  enum BadRecordPolicy: String, CaseIterable {
    case deadLetter = "dead_letter"
    case fail, skip
  }

  var name: String
  var files: Files
  var schema: [SchemaEntry]
  var eventTime: EventTimeBlock?
  var derived: [(name: String, formula: ConfigurationNode)]
  var filter: ConfigurationNode?
  var stages: [StageConfiguration]
  var snapshots: String?
  /// `nil`: a run that ends early starts over.
  var checkpoints: Checkpoints?
  var memoryLimit: MemoryLimit?
  var deadLetterPath: String?
  var badRecords: BadRecordPolicy
  /// The top of the file, for messages about the whole.
  var root: ConfigurationNode
}

/// One stage of a job file.
struct StageConfiguration {
  enum Body {
    case transform(outputs: [(name: String, formula: ConfigurationNode)])
    case evaluate(ConfigurationMapping)
    case aggregate(
      keys: [ConfigurationNode], values: [(name: String, formula: ConfigurationNode)],
      writesCSV: Bool)
  }

  /// Empty for the only stage of its kind.
  var name: String
  var windowing: WindowingStrategy
  var body: Body
  var node: ConfigurationNode

  var kind: String {
    switch body {
    case .transform: "transform"
    case .evaluate: "evaluate"
    case .aggregate: "aggregate"
    }
  }
}
