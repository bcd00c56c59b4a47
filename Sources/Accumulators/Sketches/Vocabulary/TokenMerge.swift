import ByteCoding

/// Reads the entries of one run in order.
private struct TokenCursor {
  private var blocks: ArraySlice<TokenRun.Block>
  private var reader = ByteReader([])
  private(set) var token: ArraySlice<UInt8> = []
  /// The first eight bytes of the token as a number in their order; 0 past the end.
  private(set) var prefix: UInt64 = 0
  private(set) var totals: TokenTotals

  /// At the first entry; `nil` without one.
  init?(_ run: TokenRun) {
    blocks = run.blocks[...]
    var empty = ByteReader([0, 0])
    guard let none = try? TokenTotals(from: &empty) else { return nil }
    totals = none
    guard advance() else { return nil }
  }

  /// Goes to the next entry; whether there is one.
  mutating func advance() -> Bool {
    while reader.isAtEnd {
      guard let block = blocks.popFirst() else { return false }
      reader = ByteReader(block.bytes)
    }
    do throws(ByteCodingError) {
      token = try reader.readLengthPrefixed()
      totals = try TokenTotals(from: &reader)
    } catch {
      // Written by this process, or checked when it was read.
      preconditionFailure("a run of tokens is damaged: \(error)")
    }
    prefix = 0
    var shift: UInt64 = 56
    for byte in token.prefix(8) {
      prefix |= UInt64(byte) << shift
      shift &-= 8
    }
    return true
  }

  static func isOrdered(_ one: TokenCursor, before two: TokenCursor) -> Bool {
    one.prefix != two.prefix
      ? one.prefix < two.prefix : one.token.lexicographicallyPrecedes(two.token)
  }
}

/// The tokens of several runs, ascending by bytes, each once with the sums of its totals.
///
/// - Complexity: O(log runs) a token of a run; a block of each run is in memory.
struct TokenMerge: Sequence, IteratorProtocol {
  typealias Element = (token: ArraySlice<UInt8>, totals: TokenTotals)

  private var cursors: [TokenCursor]
  /// Places in `cursors`: a binary heap, the least token first.
  private var heap: [Int] = []

  init(_ runs: [TokenRun]) {
    cursors = runs.compactMap { TokenCursor($0) }
    heap = Array(cursors.indices)
    for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(place) }
  }

  mutating func next() -> Element? {
    guard let first = heap.first else { return nil }
    var element = (token: cursors[first].token, totals: cursors[first].totals)
    advanceFirst()
    while let next = heap.first, cursors[next].token == element.token {
      element.totals.merge(cursors[next].totals)
      advanceFirst()
    }
    return element
  }

  private mutating func advanceFirst() {
    if !cursors[heap[0]].advance() {
      heap[0] = heap[heap.count - 1]
      heap.removeLast()
    }
    sink(0)
  }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
        if TokenCursor.isOrdered(cursors[heap[child]], before: cursors[heap[least]]) {
          least = child
        }
      }
      if least == place { return }
      heap.swapAt(place, least)
      place = least
    }
  }
}
