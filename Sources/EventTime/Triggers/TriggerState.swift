/// What a trigger remembers about one window.
///
/// Means something only beside the ``Trigger`` it was made for.
public struct TriggerState: Hashable, Codable, Sendable {
  /// Bit `i`: node `i` of the trigger, in pre-order, has finished.
  var finished: UInt64 = 0
  /// One an `afterCount` (rows in the pane) or `afterProcessingTime` (when to fire) node.
  var slots: [Slot]

  enum Slot: Hashable, Codable, Sendable {
    case rows(Int)
    case fireAfter(Timestamp?)
  }

  init(slots: [Slot]) { self.slots = slots }

  func isFinished(_ node: Int) -> Bool { finished >> UInt64(node) & 1 == 1 }

  mutating func setFinished(_ node: Int, _ value: Bool) {
    let bit: UInt64 = 1 << UInt64(node)
    finished = value ? finished | bit : finished & ~bit
  }
}
