public import EventTime

/// A record that could not be decoded or used, or came too late, with where it came from.
public struct DeadLetter: Hashable, Sendable {
  /// A stage that refused the row because its window had closed.
  public struct Refusal: Hashable, Sendable {
    /// The stage's position in the pipeline.
    public var stage: Int
    public var window: Window
    /// How far the watermark of the row's split had passed the end of the window.
    public var lateness: Interval

    public init(stage: Int, window: Window, lateness: Interval) {
      self.stage = stage
      self.window = window
      self.lateness = lateness
    }
  }

  public var split: String
  /// Its position in the split: of its first byte, decompressed, or of the record.
  public var offset: Int
  public var reason: String
  /// If it is known.
  public var eventTime: Timestamp?
  /// The record as read, without the line end.
  public var bytes: [UInt8]
  /// One for each stage if the row was late; empty for a record that could not be used.
  public var refusals: [Refusal] = []

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
