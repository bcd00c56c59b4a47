import Foundation

/// How far a run has published to topics, as it says there with each epoch; JSON.
struct CommitMarker: Hashable, Codable {
  /// Names the run from its first checkpoint on, over restarts.
  var run: String
  /// Counts the checkpoints of the run.
  var epoch: Int
  /// The process that wrote it.
  var attempt: String
  /// How much of the publication log is published, and the digest of its last line.
  var logByteCount: Int
  var logDigest: String
  /// Where reading stood in each split: dead letters before it are published.
  var positions: [String: Int]

  private enum CodingKeys: String, CodingKey {
    case run, epoch, attempt
    case logByteCount = "log_bytes"
    case logDigest = "log_sha256"
    case positions
  }

  var encoded: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return Array(try encoder.encode(self))
    }
  }
}

extension CommitMarker {
  init(_ bytes: [UInt8]) throws {
    self = try JSONDecoder().decode(CommitMarker.self, from: Data(bytes))
  }
}
