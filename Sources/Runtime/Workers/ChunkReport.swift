import Dataflow
import EventTime

/// What a worker did with one chunk of a split.
struct ChunkReport: Sendable {
  var split: Int
  /// Chunks of a split are numbered as they were read, from 0.
  var sequence: Int
  /// The greatest event time of the split up to the end of this chunk, `Int64.min` if none.
  var maximum: Int64
  /// Where the chunk begins.
  var start = 0
  /// The position after the chunk.
  var offset: Int
  var ledger = Ledger()
  /// Rows admitted since the worker's last report; shape `[stages][slots]`.
  var admitted: [[AdmittedRows]]
  /// Rows refused, by stage and window.
  var refused: [[Window: Int]]
  var isCaughtUp = false
  /// Of a label join: the rows, which belong to no window yet.
  var joining: JoinRows?
}
