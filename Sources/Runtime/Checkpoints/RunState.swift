import ByteCoding
import Dataflow
import EventTime
import Foundation

/// What a run knows at a barrier, when no chunk is in work: all but the bytes of the contents.
///
/// As bytes: a mark, then a `ValueEncoder`'s; format 1 was JSON.
struct RunState: Hashable, Codable, Sendable {
  static let currentFormat = 2
  private static let mark = Array("limno run 2\n".utf8)

  /// What one window holds, by the ids of the parts.
  struct Content: Packable {
    var stage: Int
    var window: Window
    var parts: [Int]
    /// Of rows behind; for sessions these have an entry of their own.
    var behind: [Int]
    /// Of keyed windows.
    var key: [KeyValue]?
    /// Of rows behind, when they are counted to sessions.
    var release: Timestamp?
  }

  var format = Self.currentFormat
  /// Whether the input has ended and every window closed.
  var isComplete: Bool
  /// Whether that was before the end of the input; `nil` in states of earlier versions.
  var isDrained: Bool?
  /// Panes visible once those of this checkpoint are.
  var paneCount: Int
  var coordinator: Coordinator.State
  @Packed var contents: [Content]
  /// What the stages are, for people; `nil` in states of earlier versions.
  var stages: [StagePlan]?
  /// The part that is what a label join holds.
  var join: Int?

  /// `held` is what windows hold outside the workers, by stage, ascending.
  init(
    _ coordinator: Coordinator.State, _ held: [[HeldStage.HeldSlot]], _ stages: [Stage],
    paneCount: Int, isComplete: Bool, isDrained: Bool
  ) {
    self.coordinator = coordinator
    self.stages = stages.map { StagePlan($0) }
    self.paneCount = paneCount
    self.isComplete = isComplete
    self.isDrained = isDrained ? true : nil
    contents = held.enumerated().flatMap { stage, slots in Self.contents(of: stage, slots) }
  }

  private static func contents(of stage: Int, _ slots: [HeldStage.HeldSlot]) -> [Content] {
    var contents: [Content] = []
    for (slot, content) in slots {
      let ids = content.parts.map(\.id)
      let isBehind = slot.release == slot.window.end
      if isBehind, let last = contents.last, last.window == slot.window, last.key == nil,
        slot.key.isEmpty
      {
        contents[contents.count - 1].behind = ids
      } else if isBehind && slot.key.isEmpty {
        contents.append(Content(stage: stage, window: slot.window, parts: [], behind: ids))
      } else {
        contents.append(
          Content(
            stage: stage, window: slot.window, parts: ids, behind: [],
            key: slot.key.isEmpty ? nil : slot.key,
            release: slot.release == .distantPast ? nil : slot.release))
      }
    }
    return contents
  }

  func encoded() throws -> [UInt8] {
    var current = self
    current.format = Self.currentFormat
    return Self.mark + (try ValueEncoder.encode(current))
  }

  /// - Throws: `CheckpointStateError` if the state is of another pipeline.
  init(_ bytes: [UInt8], stageCount: Int) throws {
    try self.init(bytes)
    guard coordinator.stages.count == stageCount else {
      throw CheckpointStateError("it has \(coordinator.stages.count) stages, not \(stageCount)")
    }
  }

  /// - Throws: `CheckpointStateError` if the state is of another format.
  init(_ bytes: [UInt8]) throws {
    if bytes.starts(with: Self.mark) {
      self = try ValueDecoder.decode(RunState.self, from: Array(bytes.dropFirst(Self.mark.count)))
      return
    }
    struct Format: Decodable { var format: Int }
    let decoder = JSONDecoder()
    guard (try? decoder.decode(Format.self, from: Data(bytes)).format) == 1 else {
      throw CheckpointStateError(
        "another version of limno wrote it; this one reads formats 1 and \(Self.currentFormat)")
    }
    self = try decoder.decode(RunState.self, from: Data(bytes))
  }

  /// What a label join held.
  func join(_ parts: [Int: [UInt8]]) throws(CheckpointStateError) -> [UInt8]? {
    guard let join else { return nil }
    guard let bytes = parts[join] else { throw CheckpointStateError("part \(join) is missing") }
    return bytes
  }

  /// What windows hold, with the parts numbered anew.
  func held(_ parts: [Int: [UInt8]], stages: [Stage]) throws -> PaneCollector.State {
    var state = PaneCollector.State(held: stages.map { HeldStage($0) })
    func read(_ ids: [Int], _ stage: Stage) throws -> HeldContent {
      HeldContent(
        try ids.map { id in
          guard let bytes = parts[id] else { throw CheckpointStateError("part \(id) is missing") }
          var reader = ByteReader(bytes)
          let content = try PaneContent.decode(stage, from: &reader)
          defer { state.nextID += 1 }
          return ContentPart(id: state.nextID, content: content)
        })
    }
    for content in contents {
      let stage = stages[content.stage]
      let key = content.key ?? []
      state.held[content.stage].restore(
        try read(content.parts, stage),
        to: RowSlot(
          key: key, window: content.window, release: content.release ?? .distantPast))
      state.held[content.stage].restore(
        try read(content.behind, stage),
        to: RowSlot(key: key, window: content.window, release: content.window.end))
    }
    return state
  }
}

/// A checkpoint whose bytes are sound and that this pipeline cannot be taken up from.
public struct CheckpointStateError: Error, CustomStringConvertible {
  public let description: String

  init(_ reason: String) { description = "the checkpoint cannot be taken up: \(reason)" }
}

extension RunState.Content {
  /// Keys are no numbers.
  var isPackable: Bool { key == nil && release == nil }

  func pack(into writer: inout PackedWriter) {
    writer.append(stage)
    writer.append(window)
    writer.append(parts)
    writer.append(behind)
  }

  init(unpacking reader: inout PackedReader) throws(PackedReader.Broken) {
    stage = try reader.readInteger()
    window = try reader.readWindow()
    parts = try reader.readList()
    behind = try reader.readList()
  }
}
