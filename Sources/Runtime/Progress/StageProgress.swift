import Dataflow
import EventTime

/// The windows of one stage: which are open, and which fire as rows and time come.
protocol StageProgress: Sendable {
  /// Takes the rows of one chunk, by slot.
  mutating func add(_ rows: [AdmittedRows]) -> [StageFiring]
  /// A window holds something before the first row; to triggers it is one row, and nothing fires yet.
  mutating func begin(_ window: Window)
  mutating func refuse(_ counts: [Window: Int])
  mutating func advance(watermark: Timestamp) -> [StageFiring]
  mutating func advance(processingTime: Timestamp) -> [StageFiring]
  var openWindowCount: Int { get }
  /// The watermark at which all windows with rows are closed, apart from the global one.
  var closingTime: Timestamp? { get }
  /// Rows refused, by window.
  var refused: [Window: Int] { get }
  /// For people; in order of window and key.
  var openWindows: [RunExplanation.Window] { get }
  var state: StageState { get }
}

/// A firing, and what of its window's rows it is about.
struct StageFiring: Sendable {
  /// Of keyed windows; empty for others.
  var key: [KeyValue] = []
  var firing: PaneFiring
  /// Rows behind belong to it if they are released at this time or before.
  var horizon: Timestamp
}

extension Stage {
  func makeProgress(restoring state: StageState? = nil) -> any StageProgress {
    StagePlan(self).makeProgress(restoring: state)
  }
}

/// All that is known of a stage's windows, for checkpoints.
struct StageState: Hashable, Codable, Sendable {
  struct Count: Packable {
    var window: Window
    var rows: Int
    /// Of a slice, if its rows count only to the windows that end after this.
    var after: Timestamp?

    init(window: Window, rows: Int, after: Timestamp? = nil) {
      self.window = window
      self.rows = rows
      self.after = after
    }

    var isPackable: Bool { after == nil }

    func pack(into writer: inout PackedWriter) {
      writer.append(window)
      writer.append(rows)
    }

    init(unpacking reader: inout PackedReader) throws(PackedReader.Broken) {
      window = try reader.readWindow()
      rows = try reader.readInteger()
    }
  }

  /// Of windows without keys.
  var machine: PaneMachine.State?
  var watermark: Timestamp
  /// Rows behind that the machine has not been told of.
  @Packed var waiting: [Count]
  @Packed var hasBehind: [Window]
  @Packed var open: [Window]
  @Packed var refused: [Count]
  /// Rows of slices; `nil` unless windows are put together from these.
  var slices: [Count]?
  /// Of sessions.
  var sessions: SessionProgress.State?

  static func counts(_ rows: [Window: Int]) -> [Count] {
    rows.map { Count(window: $0.key, rows: $0.value) }.sorted { $0.window < $1.window }
  }

  static func rows(_ counts: [Count]) -> [Window: Int] {
    Dictionary(uniqueKeysWithValues: counts.map { ($0.window, $0.rows) })
  }
}
