import FileIO
import Formats

/// What `limno stop` asks of the run that owns a state directory: a file in it.
///
/// It stays until the run has done it. A drain that has begun, so that ``positions`` are known, outlives
/// a crash: the next run finishes it.
public struct StopRequest: Hashable, Sendable {
  private static let name = "stop.json"

  /// Tells requests for the same apart; empty in those of earlier versions.
  public var id: String
  /// Whether every window is to close, and not only reading to end.
  public var drains: Bool
  /// How long the run may take.
  public var graceSeconds: Double
  /// Where a run that drains has stopped reading, by split; `nil` before it has.
  public var positions: [String: Int]?

  public init(id: String, drains: Bool, graceSeconds: Double) {
    self.id = id
    self.drains = drains
    self.graceSeconds = graceSeconds
  }

  /// The request in the state directory `state`, or `nil`.
  ///
  /// - Throws: ``CheckpointError`` if there is one that cannot be read.
  public static func read(in state: String) throws -> StopRequest? {
    let path = state + "/" + name
    guard try FileSystem.kind(of: path) != nil else { return nil }
    guard let json = try? JSONValue(parsing: try FileSystem.contents(of: path)),
      let drains = json["drain"]?.bool, let grace = json["grace_seconds"]?.number, grace >= 0
    else {
      throw CheckpointError(.other, path, "is no request to stop; remove it")
    }
    var request = StopRequest(
      id: json["id"]?.string ?? "", drains: drains, graceSeconds: grace)
    if case .object(let positions)? = json["positions"] {
      request.positions = positions.members.reduce(into: [:]) {
        $0[$1.key] = Int($1.value.integer ?? 0)
      }
    }
    return request
  }

  /// Leaves the request in the state directory `state`, in place of an earlier one.
  public func write(in state: String, attempt: String) throws {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("id")
    writer.value(id)
    writer.key("drain")
    writer.value(drains)
    writer.key("grace_seconds")
    writer.value(graceSeconds)
    if let positions {
      writer.key("positions")
      writer.beginObject()
      for (split, position) in positions.sorted(by: { $0.key < $1.key }) {
        writer.member(split, position)
      }
      writer.endObject()
    }
    writer.endObject()
    try AtomicFile.write(writer.bytes + [0x0A], to: state + "/" + Self.name, attempt: attempt)
  }

  /// Says that what was asked for is done, or is not wanted any more.
  public static func remove(in state: String) throws {
    try FileSystem.removeTree(state + "/" + name)
    try FileSystem.synchronizeDirectory(state)
  }
}

extension StateDirectory {
  /// Whether a run owns the state directory at `path` now.
  ///
  /// - Throws: ``CheckpointError`` if no run ever did.
  public static func isOwned(_ path: String) throws -> Bool {
    guard try FileSystem.kind(of: path + "/lock") == .file else {
      throw CheckpointError(.other, path, "is not the state directory of a job")
    }
    do {
      _ = try FileLock(path: path + "/lock", patience: 0)
      return false
    } catch  where error.code == .alreadyExists {
      return true
    }
  }
}
