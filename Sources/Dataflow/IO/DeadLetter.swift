public import EventTime

/// A record that could not be decoded or used, with where it came from.
public struct DeadLetter: Hashable, Sendable {
  public var split: String
  /// Its position in the split: of its first byte, decompressed, or of the record.
  public var offset: Int
  public var reason: String
  /// If it is known.
  public var eventTime: Timestamp?
  /// The record as read, without the line end.
  public var bytes: [UInt8]

  public init(
    split: String, offset: Int, reason: String, eventTime: Timestamp?, bytes: [UInt8]
  ) {
    self.split = split
    self.offset = offset
    self.reason = reason
    self.eventTime = eventTime
    self.bytes = bytes
  }
}
