/// Rows of one chunk on their way into a label join: their columns as bytes, and what orders them.
public struct JoinRows: Sendable {
  struct Row: Sendable {
    /// When the row takes part: its event time, or the watermark of its split before it if later.
    var release: Int64
    var time: Int64
    /// In the order of the split.
    var position: Int64
    /// Of the key.
    var hash: UInt64
    var start: UInt32
    var keyLength: UInt32
    var payloadLength: UInt32
  }

  public let side: JoinSide
  public let split: Int
  var rows: [Row] = []
  /// Key and payload of each row, end to end.
  var bytes: [UInt8] = []

  public init(side: JoinSide, split: Int) {
    self.side = side
    self.split = split
  }

  public var count: Int { rows.count }
}
