import CScan

/// Strings interned to dense ids `0, 1, 2, …` in order of first appearance.
///
/// An open-addressing index of ids over dense entries, in which strings that come often (and so
/// came early) lie close together. Strings of up to 16 bytes are compared inside the entry, longer
/// ones in an arena. Ids stay valid for the life of the dictionary. Equal means equal bytes; no
/// Unicode normalization.
///
/// - Complexity: `intern` is amortised O(length); memory is the bytes plus about 48 a string.
/// - Note: `@unchecked Sendable` is sound because a dictionary has one owning worker, which alone
///   interns; batches that refer to it stay with that worker, or are read once it has stopped.
@safe public final class StringDictionary: @unchecked Sendable {
  /// A string's bytes up to 16, else a fingerprint.
  private struct Entry {
    var low: UInt64 = 0, high: UInt64 = 0
    /// That of no string where there is none.
    var length = UInt32.max

    @inline(__always)
    func matches(_ probe: Probe) -> Bool {
      // No branches: which of them differs is hard to foretell.
      (low ^ probe.low) | (high ^ probe.high) | UInt64(length ^ probe.length) == 0
    }
  }

  /// A string that is looked up.
  private struct Probe {
    var low: UInt64, high: UInt64
    var hash: Int
    var length: UInt32
    /// What the index has at its hash.
    var mark: UInt32 = 0

    @inline(__always)
    init(_ start: UnsafeRawPointer, _ length: Int) {
      precondition(UInt(bitPattern: length) < UInt32.max, "a string of \(length) bytes")
      self.length = UInt32(truncatingIfNeeded: length)
      if length <= 16 {
        let words = unsafe cscan_leading(start, length)
        (low, high) = (words.low, words.high)
      } else {
        (low, high) = unsafe StringDictionary.fingerprint(start, length)
      }
      hash = StringDictionary.hash(low, high, self.length)
    }
  }

  /// By hash: the id plus one, 0 for none.
  private var index: UnsafeMutablePointer<UInt32>
  private var indexCount = 64
  /// By the id plus one; the first is no string.
  private var entries: UnsafeMutablePointer<Entry>
  private var arena: UnsafeMutableRawPointer
  private var arenaCapacity = 4096
  private var ends: [Int] = []

  public init() {
    unsafe index = .allocate(capacity: indexCount)
    unsafe index.initialize(repeating: 0, count: indexCount)
    let entryCapacity = Self.limit(of: indexCount) + 2
    unsafe entries = .allocate(capacity: entryCapacity)
    unsafe entries.initialize(repeating: Entry(), count: entryCapacity)
    unsafe arena = .allocate(byteCount: arenaCapacity, alignment: 16)
  }

  deinit {
    unsafe index.deallocate()
    unsafe entries.deallocate()
    unsafe arena.deallocate()
  }

  /// How many strings are held; ids are below it.
  public var count: Int { ends.count }

  /// Bytes held, tables included.
  public var byteCount: Int {
    arenaCapacity + indexCount * 4 + entryCapacity * MemoryLayout<Entry>.stride
      + ends.capacity * 8
  }

  /// The id of the `length` bytes at `start`.
  ///
  /// - Precondition: at least 16 bytes are readable at `start`, whatever `length`.
  public func intern(padded start: UnsafeRawPointer, length: Int) -> UInt32 {
    unsafe find(start, Probe(start, length))
  }

  /// How many strings ``intern(block:count:into:)`` takes at most.
  @usableFromInline static let blockLimit = 32

  /// An index up to this long lies, with its entries, in the first cache.
  private static let cachedIndexCount = 1024

  /// How many strings the index takes: few while it is short, so that nearly all of them are where
  /// their hash says.
  private var limit: Int { Self.limit(of: indexCount) }

  private static func limit(of indexCount: Int) -> Int {
    indexCount < cachedIndexCount ? indexCount / 8 : indexCount / 2
  }

  /// One for no string, and one for that with which the index grows.
  private var entryCapacity: Int { limit + 2 }

  /// The ids of `count` strings, written to `ids`; `string` says where each lies.
  ///
  /// - Precondition: At least 16 bytes are readable at every start.
  @inlinable @inline(__always)  // Asks for each string, from kernels of other modules.
  public func intern(
    _ count: Int, into ids: UnsafeMutablePointer<UInt32>,
    _ string: (Int) -> (start: UnsafeRawPointer, length: Int)
  ) {
    unsafe withUnsafeTemporaryAllocation(
      of: (start: UnsafeRawPointer, length: Int).self, capacity: Self.blockLimit
    ) { block in
      guard let base = block.baseAddress else { return }
      for first in stride(from: 0, to: count, by: Self.blockLimit) {
        let size = min(Self.blockLimit, count - first)
        for index in 0..<size { unsafe block[index] = string(first + index) }
        unsafe intern(block: UnsafePointer(base), count: size, into: ids + first)
      }
    }
  }

  /// The ids of the first `count` strings of `block`, written to `ids`.
  ///
  /// Strings, marks and then entries are fetched for all before the first is looked at, so that
  /// their cache misses overlap; what is not where its hash says comes after all that is.
  /// - Precondition: `count` is at most ``blockLimit``; at least 16 bytes are readable at every
  ///   start.
  @usableFromInline func intern(
    block: UnsafePointer<(start: UnsafeRawPointer, length: Int)>, count: Int,
    into ids: UnsafeMutablePointer<UInt32>
  ) {
    precondition(count <= Self.blockLimit, "\(count) strings in a block")
    if indexCount <= Self.cachedIndexCount {
      return unsafe intern(cached: block, count: count, into: ids)
    }
    unsafe withUnsafeTemporaryAllocation(of: Probe.self, capacity: Self.blockLimit) { probes in
      let mask = indexCount &- 1
      let (index, entries) = unsafe (self.index, self.entries)
      for position in 0..<count { unsafe cscan_prefetch(block[position].start) }
      for position in 0..<count {
        let (start, length) = unsafe block[position]
        let probe = unsafe Probe(start, length)
        unsafe cscan_prefetch(index + (probe.hash & mask))
        unsafe probes[position] = probe
      }
      for position in 0..<count {
        let mark = unsafe index[probes[position].hash & mask]
        unsafe probes[position].mark = mark
        unsafe cscan_prefetch(entries + Int(mark))
      }
      unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: Self.blockLimit) { missed in
        var missedCount = 0
        for position in 0..<count {
          let probe = unsafe probes[position]
          let isMatch = unsafe entries[Int(probe.mark)].matches(probe)
          unsafe ids[position] = probe.mark &- 1
          unsafe missed[missedCount] = position
          missedCount &+= isMatch && probe.length <= 16 ? 0 : 1
        }
        for miss in 0..<missedCount {
          let position = unsafe missed[miss]
          unsafe ids[position] = find(block[position].start, probes[position])
        }
      }
    }
  }

  /// As ``intern(block:count:into:)``, of an index for which nothing need be fetched.
  private func intern(
    cached block: UnsafePointer<(start: UnsafeRawPointer, length: Int)>, count: Int,
    into ids: UnsafeMutablePointer<UInt32>
  ) {
    unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: Self.blockLimit) { missed in
      let mask = indexCount &- 1
      let (index, entries) = unsafe (self.index, self.entries)
      var missedCount = 0
      for position in 0..<count {
        let (start, length) = unsafe block[position]
        let probe = unsafe Probe(start, length)
        let mark = unsafe index[probe.hash & mask]
        let isMatch = unsafe entries[Int(mark)].matches(probe)
        unsafe ids[position] = mark &- 1
        unsafe missed[missedCount] = position
        missedCount &+= isMatch && probe.length <= 16 ? 0 : 1
      }
      for miss in 0..<missedCount {
        let position = unsafe missed[miss]
        let (start, length) = unsafe block[position]
        unsafe ids[position] = find(start, Probe(start, length))
      }
    }
  }

  private func find(_ start: UnsafeRawPointer, _ probe: Probe) -> UInt32 {
    var place = probe.hash & (indexCount &- 1)
    while true {
      let mark = unsafe index[place]
      if mark == 0 { return unsafe insert(start, probe, at: place) }
      if unsafe entries[Int(mark)].matches(probe),
        unsafe probe.length <= 16 || isEqual(Int(mark) &- 1, start, Int(probe.length))
      {
        return mark &- 1
      }
      place = (place &+ 1) & (indexCount &- 1)
    }
  }

  /// The id of `bytes`, which need no padding.
  public func intern(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let start = bytes.baseAddress else { return intern("") }
    if bytes.count > 16 { return unsafe intern(padded: start, length: bytes.count) }
    return unsafe withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { scratch in
      unsafe scratch.copyBytes(from: bytes)
      return unsafe intern(
        padded: UnsafeRawPointer(scratch.baseAddress ?? .init(index)), length: bytes.count)
    }
  }

  public func intern(_ string: String) -> UInt32 {
    var string = string
    return string.withUTF8 { text in
      unsafe withUnsafeTemporaryAllocation(byteCount: max(16, text.count), alignment: 8) {
        scratch in
        unsafe scratch.copyBytes(from: text)
        return unsafe intern(
          padded: UnsafeRawPointer(scratch.baseAddress ?? .init(index)), length: text.count)
      }
    }
  }

  /// The bytes of `id`, borrowed for the length of the call.
  public func withBytes<Result, Failure: Error>(
    of id: UInt32, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let (start, end) = bounds(Int(id))
    return unsafe try body(UnsafeRawBufferPointer(start: arena + start, count: end - start))
  }

  public func string(_ id: UInt32) -> String {
    unsafe withBytes(of: id) { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// Whether the bytes of `first` sort before those of `second`, byte by byte, unsigned.
  public func isOrdered(_ first: UInt32, before second: UInt32) -> Bool {
    unsafe withBytes(of: first) { one in
      unsafe withBytes(of: second) { two in unsafe one.lexicographicallyPrecedes(two) }
    }
  }

  private func bounds(_ id: Int) -> (Int, Int) { (id == 0 ? 0 : ends[id - 1], ends[id]) }

  private func isEqual(_ id: Int, _ start: UnsafeRawPointer, _ length: Int) -> Bool {
    let (from, to) = bounds(id)
    guard to - from == length else { return false }
    let held = unsafe UnsafeRawBufferPointer(start: arena + from, count: length)
    return unsafe held.elementsEqual(UnsafeRawBufferPointer(start: start, count: length))
  }

  private func insert(_ start: UnsafeRawPointer, _ probe: Probe, at place: Int) -> UInt32 {
    precondition(ends.count < Int(UInt32.max) - 1, "a dictionary holds under 2^32 strings")
    let (offset, length) = (ends.last ?? 0, Int(probe.length))
    if offset + length > arenaCapacity {
      let capacity = max(2 * arenaCapacity, offset + length)
      let grown = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
      unsafe grown.copyMemory(from: arena, byteCount: offset)
      unsafe arena.deallocate()
      unsafe arena = grown
      arenaCapacity = capacity
    }
    unsafe (arena + offset).copyMemory(from: start, byteCount: length)
    ends.append(offset + length)
    unsafe entries[ends.count] = Entry(low: probe.low, high: probe.high, length: probe.length)
    unsafe index[place] = UInt32(ends.count)
    if ends.count > limit { grow() }
    return UInt32(ends.count - 1)
  }

  private func grow() {
    let old = unsafe entries
    indexCount *= 2
    unsafe entries = .allocate(capacity: entryCapacity)
    unsafe entries.initialize(repeating: Entry(), count: entryCapacity)
    unsafe entries.update(from: old, count: ends.count + 1)
    unsafe old.deallocate()
    unsafe index.deallocate()
    unsafe index = .allocate(capacity: indexCount)
    unsafe index.initialize(repeating: 0, count: indexCount)
    for mark in 1..<(ends.count + 1) {
      let entry = unsafe entries[mark]
      var place = Self.hash(entry.low, entry.high, entry.length) & (indexCount - 1)
      while unsafe index[place] != 0 { place = (place + 1) & (indexCount - 1) }
      unsafe index[place] = UInt32(mark)
    }
  }

  @inline(__always)
  private static func hash(_ low: UInt64, _ high: UInt64, _ length: UInt32) -> Int {
    let mixed = (low ^ UInt64(length) ^ 0x9E37_79B9_7F4A_7C15)
      .multipliedFullWidth(by: high ^ 0xD1B5_4A32_D192_ED03)
    return Int(truncatingIfNeeded: mixed.high ^ mixed.low)
  }

  /// 128 bits that differ for different strings with overwhelming likelihood; equality is still
  /// decided by the bytes.
  private static func fingerprint(
    _ start: UnsafeRawPointer, _ length: Int
  ) -> (UInt64, UInt64) {
    var first: UInt64 = 0x2D35_8DCC_AA6C_78A5
    var second = UInt64(truncatingIfNeeded: length)
    var offset = 0
    while offset < length {
      let at = min(offset, length - 8)
      let word = unsafe (start + at).loadUnaligned(as: UInt64.self)
      let mixed = (first ^ word).multipliedFullWidth(by: 0x8BB8_4B93_962E_ACC9)
      first = mixed.low ^ mixed.high ^ second
      second = second &+ (word &* 0x9FB2_1C65_1E98_DF25)
      offset += 8
    }
    return (first, second)
  }
}
