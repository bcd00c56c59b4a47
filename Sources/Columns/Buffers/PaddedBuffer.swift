/// Bytes read from a source, followed by ``padding`` readable bytes so that scanners may load
/// whole words past the end.
///
/// One owner at a time: a reader fills it, then a decoder of the same worker reads it.
@safe public final class PaddedBuffer {
  /// How many bytes past `count` may be loaded (their values are unspecified).
  public static let padding = 64

  private var storage: UnsafeMutableRawBufferPointer
  /// How many bytes are filled.
  public private(set) var count = 0

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

  public func removeAll() { count = 0 }

  /// Grows to hold at least `capacity` bytes, keeping what is filled.
  public func reserve(_ capacity: Int) {
    guard capacity > self.capacity else { return }
    let grown = UnsafeMutableRawBufferPointer.allocate(
      byteCount: capacity + Self.padding, alignment: 64)
    unsafe grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
    unsafe storage.deallocate()
    unsafe storage = grown
  }

  /// Lets `fill` write up to `limit` bytes after those filled and adds the number it returns.
  @discardableResult
  public func append<Failure: Error>(
    _ limit: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) -> Int {
    if count + limit > capacity { reserve(max(count + limit, 2 * capacity)) }
    let target = unsafe UnsafeMutableRawBufferPointer(rebasing: storage[count..<count + limit])
    let added = unsafe try fill(target)
    precondition(added >= 0 && added <= limit, "\(added) bytes filled of \(limit)")
    count += added
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
    precondition(prefix <= count, "\(prefix) bytes of \(count)")
    guard prefix > 0, let base = unsafe storage.baseAddress else { return }
    unsafe base.copyMemory(from: base + prefix, byteCount: count - prefix)
    count -= prefix
  }

  /// Drops the bytes after the first `count`.
  public func truncate(to count: Int) {
    precondition(count <= self.count, "\(count) bytes of \(self.count)")
    self.count = count
  }

  /// The filled bytes, borrowed for the length of the call; ``padding`` more may be loaded.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe try body(UnsafeRawBufferPointer(rebasing: storage[..<count]))
  }

  /// The bytes of `range`.
  public func copy(_ range: Range<Int>) -> [UInt8] {
    precondition(range.upperBound <= count, "bytes \(range) of \(count)")
    return unsafe withBytes { unsafe Array($0[range]) }
  }
}
