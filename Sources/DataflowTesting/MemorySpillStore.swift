public import Accumulators

/// Keeps in memory what is put away, for tests.
public final class MemorySpillStore: SpillStore {
  private final class Bytes: SpilledBytes {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(_ range: Range<Int>) -> [UInt8] { Array(bytes[range]) }
  }

  public init() {}

  public var failure: (any Error)? { nil }

  public func put(
    _ write: (_ append: @escaping ([UInt8]) -> Void) -> Void
  ) -> (any SpilledBytes)? {
    var bytes: [UInt8] = []
    write { bytes += $0 }
    return Bytes(bytes)
  }
}
