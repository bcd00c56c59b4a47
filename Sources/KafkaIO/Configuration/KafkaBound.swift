public import EventTime

/// A place in every partition of a topic: where to start, or where to stop.
public enum KafkaBound: Hashable, Sendable {
  /// The first record that is still there.
  case earliest
  /// Behind the last record there is when the run begins.
  case latest
  /// The first record whose timestamp is not before this.
  case timestamp(Timestamp)
  /// These offsets, by partition.
  case offsets([Int: Int])
}
