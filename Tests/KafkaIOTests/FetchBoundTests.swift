import Testing

@testable import KafkaIO

@Suite struct FetchBoundTests {
  /// What librdkafka 2.0.2 and 2.16 held beside the 240 bytes of a message, by resident memory.
  private static let measuredOverhead = 256

  @Test(arguments: [10, 40, 320, 4096], [1, 4, 64, 1000])
  func `what a partition holds stays within its share`(megabytes: Int, partitions: Int) {
    let byteCount = megabytes << 20
    let share = byteCount / partitions
    // Below, one answer and what is in hand are more than the share.
    guard share >= 4 << 20 else { return }
    let bound = FetchBound(byteCount: byteCount, partitionCount: partitions)
    for size in [60, 100, 240, 1000, 10_000, 1_000_000, 3_000_000] {
      let most = Self.most(bound, messageByteCount: size)
      #expect(most <= max(share + share / 100, 4 * size + share / 2))
    }
  }

  /// The most that a partition of messages of one size can hold: answers are fetched while the queue
  /// is below both bounds, and what is in hand is no longer part of it.
  private static func most(_ bound: FetchBound, messageByteCount size: Int) -> Int {
    let answer = max(1, bound.answerByteCount / size)
    func filled() -> Int {
      var count = 0
      while count * size < bound.queuedByteCount && count < bound.queuedMessageCount {
        count += answer
      }
      return count
    }
    return (filled() + min(MessageQueue.capacity, filled())) * (size + measuredOverhead)
  }

  @Test func `librdkafka takes the settings`() throws {
    for (byteCount, partitions) in [(1, 1), (10 << 20, 10_000), (1 << 40, 1)] {
      var configuration = KafkaConfiguration(KafkaConnection(brokers: "127.0.0.1:1"), topic: "t")
      configuration.fetchByteCount = byteCount
      _ = try KafkaClient(configuration, partitionCount: partitions) { _ in }
    }
  }
}
