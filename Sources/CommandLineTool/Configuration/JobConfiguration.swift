import Columns
import EventTime
import Expressions
import FileIO
import KafkaIO
import Transform

/// A job file as values: syntax and words are checked, names of columns are not yet.
struct JobConfiguration {
  struct Files {
    var paths: [String]
    var format: FileFormat
    var isFollowed: Bool
  }

  struct Kafka {
    var configuration: KafkaConfiguration
    var format: MessageFormat
    /// Given, but not used yet.
    var group: ConfigurationNode?
    var node: ConfigurationNode
  }

  /// Where records go to.
  struct OutputTopic {
    var connection: KafkaConnection
    var topic: String
  }

  enum Input {
    case files(Files)
    case kafka(Kafka)

    /// Whether there may always be more to come.
    var isUnbounded: Bool {
      switch self {
      case .files(let files): files.isFollowed
      case .kafka(let kafka): kafka.configuration.until == nil
      }
    }
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

  /// What is written beside an evaluation on request.
  enum KeptFiles: String, CaseIterable {
    /// The files of TensorFlow Model Analysis.
    case tfma
  }

  enum BadRecordPolicy: String, CaseIterable {
    case deadLetter = "dead_letter"
    case fail, skip
  }

  var name: String
  var input: Input
  var schema: [SchemaEntry]
  var eventTime: EventTimeBlock?
  var derived: [(name: String, formula: ConfigurationNode)]
  var filter: ConfigurationNode?
  var stages: [StageConfiguration]
  var snapshots: String?
  var kept: Set<KeptFiles> = []
  /// `nil`: a run that ends early starts over.
  var checkpoints: Checkpoints?
  var memoryLimit: MemoryLimit?
  var deadLetterPath: String?
  var deadLetterTopic: OutputTopic?
  var snapshotTopic: OutputTopic?
  /// The foreign formats of transform versions.
  var exports = ExportFormat.allCases
  var badRecords: BadRecordPolicy
  /// The top of the file, for messages about the whole.
  var root: ConfigurationNode
}

extension JobConfiguration {
  /// Makes the input end where it ends now, or be the files at `paths`.
  mutating func readToEnd(_ paths: [String]?) {
    switch input {
    case .files(var files):
      files.isFollowed = false
      files.paths = paths ?? files.paths
      input = .files(files)
    case .kafka(var kafka):
      if let paths {
        let format: FileFormat =
          switch kafka.format {
          case .json: .jsonl
          case .csv: .csv
          case .tfExample: .tfrecord
          }
        input = .files(Files(paths: paths, format: format, isFollowed: false))
      } else {
        kafka.configuration.until = kafka.configuration.until ?? .latest
        input = .kafka(kafka)
      }
    }
  }
}

/// One stage of a job file.
struct StageConfiguration {
  enum Body {
    case transform(
      outputs: [(name: String, formula: ConfigurationNode)], options: TransformOptions)
    /// Hands on the rows that a transform is applied to.
    case apply(ApplyConfiguration)
    case evaluate(ConfigurationMapping)
    case drift(ConfigurationMapping)
    case aggregate(
      keys: [ConfigurationNode], values: [(name: String, formula: ConfigurationNode)],
      writesCSV: Bool)
  }

  /// Empty for the only stage of its kind.
  var name: String
  var windowing: WindowingStrategy
  /// The formulas that make the key of sessions.
  var windowKey: [ConfigurationNode]
  var body: Body
  var node: ConfigurationNode

  var kind: String {
    switch body {
    case .transform: "transform"
    case .apply: "apply"
    case .evaluate: "evaluate"
    case .aggregate: "aggregate"
    case .drift: "drift"
    }
  }
}
