import ByteCoding
import Dataflow
import EventTime
import Foundation

/// What a sink must know to be taken up where a checkpoint was made.
///
/// As bytes: a mark, then a `ValueEncoder`'s; format 1 was JSON.
struct SinkState: Codable, Sendable {
  static let currentFormat = 2
  private static let mark = Array("limno snapshots 2\n".utf8)

  /// A publication that the checkpoint lets out.
  struct Sealed: Codable, Sendable {
    var publication: Publication
    /// The directory it lies in until then, below the output directory; `nil` if it was there.
    var staged: String?
    /// What is published with it, such as a model to serve; `nil` in states of earlier versions.
    var others: [Directory]?

    /// Everything that is to be made visible, in order.
    var directories: [Directory] {
      (staged.map { [Directory(staged: $0, path: publication.path)] } ?? []) + (others ?? [])
    }
  }

  /// A directory under its temporary name and its own, both below the output directory.
  struct Directory: Codable, Sendable {
    var staged: String
    var path: String
  }

  /// The path last published of a window.
  struct Latest: Codable, Sendable {
    var stage: Int
    var window: Window
    /// Of keyed windows.
    var key: [KeyValue]?
    var path: String
  }

  struct Version: Codable, Sendable {
    var stage: Int
    var version: Int
  }

  var format = Self.currentFormat
  var log: PublicationLog.Position
  var versions: [Version]
  var latest: [Latest]
  var deadLetterByteCount: Int
  /// `nil` in states of earlier versions.
  var lateRowByteCount: Int?
  var outbox: [Sealed]

  init(_ state: borrowing SnapshotSink.State, deadLetterByteCount: Int, lateRowByteCount: Int) {
    log = state.log.position
    versions = state.versions.sorted { $0.key < $1.key }.map {
      Version(stage: $0.key, version: $0.value)
    }
    latest = state.latest.sorted { $0.key < $1.key }.flatMap { stage, windows in
      windows.sorted { $0.value.path < $1.value.path }.map {
        Latest(
          stage: stage, window: $0.key.window, key: $0.key.key.isEmpty ? nil : $0.key.key,
          path: $0.value.path)
      }
    }
    self.deadLetterByteCount = deadLetterByteCount
    self.lateRowByteCount = lateRowByteCount
    outbox = state.outbox
  }

  func encoded() throws -> [UInt8] { Self.mark + (try ValueEncoder.encode(self)) }

  init(_ bytes: [UInt8]) throws {
    if bytes.starts(with: Self.mark) {
      self = try ValueDecoder.decode(SinkState.self, from: Array(bytes.dropFirst(Self.mark.count)))
      return
    }
    var state = try JSONDecoder().decode(SinkState.self, from: Data(bytes))
    guard state.format == 1 else {
      throw SnapshotError(
        "the checkpoint",
        "another version of limno wrote the state of its outputs; this one reads formats 1 and "
          + "\(Self.currentFormat)")
    }
    state.format = Self.currentFormat
    self = state
  }
}
