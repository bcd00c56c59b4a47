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
    /// Whose committed positions follow the run; `limno-<job>` if it is not given.
    var group: ConfigurationNode?
    var node: ConfigurationNode
  }

  /// Where records go to.
  struct OutputTopic {
    var connection: KafkaConnection
    var topic: String
    var node: ConfigurationNode
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
    /// Of the times that the source says it has reached.
    var watermarkColumn: ConfigurationNode?
    var maxOutOfOrderness: Interval
    /// In place of the bound on disorder.
    var estimator: (any WatermarkEstimator)?
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

  /// An input, with what the job file says of its rows.
  struct InputBlock {
    var input: Input
    var schema: [SchemaEntry]
    var eventTime: EventTimeBlock?
    /// Of a join.
    var filter: ConfigurationNode?
    /// The columns of the key of a join.
    var key: [ConfigurationNode] = []
    var node: ConfigurationNode
  }

  /// Two inputs, joined by key.
  struct Join {
    var predictions: InputBlock
    var labels: InputBlock
    var labelWait: Interval
    var memoryLimit = 1 << 30
    var node: ConfigurationNode
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

  /// What is written beside a pane on request.
  enum KeptFiles: String, CaseIterable {
    /// The files of TensorFlow Model Analysis.
    case tfma
    /// Mergeable states, of transforms and aggregates too.
    case state
  }

  enum BadRecordPolicy: String, CaseIterable {
    case deadLetter = "dead_letter"
    case fail, skip
  }

  var name: String
  /// With a join, that of predictions; so are `schema` and `eventTime`.
  var input: Input
  var schema: [SchemaEntry]
  var eventTime: EventTimeBlock?
  var derived: [(name: String, formula: ConfigurationNode)]
  var filter: ConfigurationNode?
  var stages: [StageConfiguration]
  /// Panes whose states windows begin with.
  var startFrom: [ConfigurationNode] = []
  var snapshots: String?
  var kept: Set<KeptFiles> = []
  /// `nil`: a run that ends early starts over.
  var checkpoints: Checkpoints?
  var memoryLimit: MemoryLimit?
  /// Bytes in memory of vocabularies, and of rows kept for later phases; the rest is on disk.
  ///
  /// `nil`: 256 MiB, or a quarter of the limit if that is less.
  var vocabularyBudget: Int?
  var buffers = BufferBudget()
  var deadLetterPath: String?
  var deadLetterTopic: OutputTopic?
  var snapshotTopic: OutputTopic?
  /// All topics that are written to.
  var topics: TopicOutputs?
  /// The foreign formats of transform versions.
  var exports = ExportFormat.allCases
  var badRecords: BadRecordPolicy
  var join: Join?
  var runtimes = RuntimePlaces()
  /// The top of the file, for messages about the whole.
  var root: ConfigurationNode
}

extension JobConfiguration {
  /// Whether there may always be more to come.
  var isUnbounded: Bool { input.isUnbounded || join?.labels.input.isUnbounded ?? false }

  /// Makes the inputs end where they end now, or be the files at `paths`.
  mutating func readToEnd(_ paths: [String]?) throws(ConfigurationError) {
    if let join, paths != nil {
      throw join.node.error(
        "--from names the files of one input; name those of a join in the job file")
    }
    input.readToEnd(paths)
    join?.labels.input.readToEnd(nil)
  }
}

extension JobConfiguration.Input {
  /// Makes the input end where it ends now, or be the files at `paths`.
  fileprivate mutating func readToEnd(_ paths: [String]?) {
    switch self {
    case .files(var files):
      files.isFollowed = false
      files.paths = paths ?? files.paths
      self = .files(files)
    case .kafka(var kafka):
      if let paths {
        let format: FileFormat =
          switch kafka.format {
          case .json: .jsonl
          case .csv: .csv
          case .tfExample: .tfrecord
          }
        self = .files(.init(paths: paths, format: format, isFollowed: false))
      } else {
        kafka.configuration.until = kafka.configuration.until ?? .latest
        self = .kafka(kafka)
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

  /// `aggregate`, or `aggregate companies` for a named stage.
  var title: String { name.isEmpty ? kind : "\(kind) \(name)" }

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

extension JobConfiguration {
  /// Gives each topic its share of what may be fetched ahead.
  mutating func shareBuffers() {
    let share = buffers.fetched / (join == nil ? 1 : 2)
    input.limitFetched(to: share)
    join?.predictions.input.limitFetched(to: share)
    join?.labels.input.limitFetched(to: share)
  }
}

extension JobConfiguration.Input {
  fileprivate mutating func limitFetched(to byteCount: Int) {
    guard case .kafka(var kafka) = self else { return }
    kafka.configuration.fetchByteCount = byteCount
    self = .kafka(kafka)
  }
}
