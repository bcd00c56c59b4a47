/// Records read from a source: bytes end to end, or a block of records that stand by themselves.
///
/// Bytes are followed by ``padding`` readable bytes so that scanners may load whole words past the
/// end. Positions in a buffer count as those of the split do: bytes, or records of a block.
///
/// One owner at a time: a reader fills it, then a decoder of the same worker reads it.
@safe public final class PaddedBuffer {
  /// How many bytes past `count` may be loaded (their values are unspecified).
  public static let padding = 64

  private var storage: UnsafeMutableRawBufferPointer
  /// How many bytes are filled.
  private var byteCount = 0
  /// The block that is held in place of bytes, or was held last: readers use it again.
  public private(set) var block: (any RecordBlock)?
  private var holdsBlock = false

  /// A buffer that can hold `capacity` bytes before it grows.
  public init(capacity: Int = 256 << 10) {
    unsafe storage = UnsafeMutableRawBufferPointer.allocate(
      byteCount: capacity + Self.padding, alignment: 64)
  }

  public convenience init(_ bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    self.init(capacity: bytes.count)
    append(bytes)
  }

  deinit { unsafe storage.deallocate() }

  public var capacity: Int { unsafe storage.count - Self.padding }

  /// How much is filled: bytes, or positions of the block.
  public var count: Int {
    if holdsBlock, let block { return block.count }
    return byteCount
  }

  public func removeAll() {
    byteCount = 0
    holdsBlock = false
  }

  /// Holds `block` in place of bytes.
  public func hold(_ block: any RecordBlock) {
    precondition(byteCount == 0, "the buffer holds \(byteCount) bytes")
    self.block = block
    holdsBlock = true
  }

  /// Grows to hold at least `capacity` bytes, keeping what is filled.
  public func reserve(_ capacity: Int) {
    guard capacity > self.capacity else { return }
    let grown = UnsafeMutableRawBufferPointer.allocate(
      byteCount: capacity + Self.padding, alignment: 64)
    unsafe grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<byteCount]))
    unsafe storage.deallocate()
    unsafe storage = grown
  }

  /// Lets `fill` write up to `limit` bytes after those filled and adds the number it returns.
  @discardableResult
  public func append<Failure: Error>(
    _ limit: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) -> Int {
    let end = byteCount + limit
    if end > capacity { reserve(max(end, 2 * capacity)) }
    let target = unsafe UnsafeMutableRawBufferPointer(rebasing: storage[byteCount..<end])
    let added = unsafe try fill(target)
    precondition(added >= 0 && added <= limit, "\(added) bytes filled of \(limit)")
    byteCount += added
    return added
  }

  public func append(_ bytes: [UInt8]) {
    unsafe append(bytes.count) { target in
      unsafe target.copyBytes(from: bytes)
      return bytes.count
    }
  }

  /// Drops the first `prefix` bytes.
  public func removeFirst(_ prefix: Int) {
    precondition(prefix <= byteCount, "\(prefix) bytes of \(byteCount)")
    guard prefix > 0, let base = unsafe storage.baseAddress else { return }
    unsafe base.copyMemory(from: base + prefix, byteCount: byteCount - prefix)
    byteCount -= prefix
  }

  /// Drops the bytes after the first `count`.
  public func truncate(to count: Int) {
    precondition(count <= byteCount, "\(count) bytes of \(byteCount)")
    byteCount = count
  }

  /// The filled bytes, borrowed for the length of the call; ``padding`` more may be loaded.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe try body(UnsafeRawBufferPointer(rebasing: storage[..<byteCount]))
  }

  /// The bytes at `range` of positions.
  public func copy(_ range: Range<Int>) -> [UInt8] {
    if holdsBlock, let block { return block.copy(range) }
    precondition(range.upperBound <= count, "bytes \(range) of \(count)")
    return unsafe withBytes { unsafe Array($0[range]) }
  }
}

/// Records that are no run of bytes, such as the messages of a queue, at positions `0..<count`.
///
/// Its source's decoder knows what is in it.
public protocol RecordBlock: AnyObject {
  /// How many positions of the split it covers; not all need hold a record.
  var count: Int { get }
  /// The bytes of the records at `range`, end to end.
  func copy(_ range: Range<Int>) -> [UInt8]
}
