import Accumulators
import ByteCoding
import Columns
import DataflowTesting
import Testing

/// Vocabularies that are put away, against those that stay, and against counting by hand.
@Suite struct VocabularySpillTests {
  /// Tokens that come again, with weights that rounding would add up differently in another order.
  private static func rows(_ count: Int) -> [(token: String, weight: Double)] {
    var generator = SeededGenerator(seed: 12)
    return (0..<count).map { _ in
      let number = Int.random(in: 0..<4_000, using: &generator)
      let token = ["", "é\u{0}\n", "token "][number % 3] + "\(number * number)"
      return (token, [0.1, 1e16, -1e16, 3, 0.3][Int.random(in: 0..<5, using: &generator)])
    }
  }

  private static func states(
    _ rows: [(token: String, weight: Double)], isWeighted: Bool, spillingTo store: MemorySpillStore?
  ) -> GroupedVocabulary {
    var states = GroupedVocabulary(VocabularyParameters())
    states.grow(to: 2)
    for start in stride(from: 0, to: rows.count, by: 300) {
      let batch = rows[start..<min(rows.count, start + 300)]
      let tokens = Column.string(StringColumn(batch.map(\.token)))
      let weights = Column.float64(Float64Column(batch.map(\.weight)))
      states.add(
        isWeighted ? [tokens, weights] : [tokens],
        cells: [UInt32](repeating: 1, count: batch.count), uniform: 1)
      if let store { states.spill(to: store) }
    }
    return states.extract([1])
  }

  @Test(arguments: [false, true])
  func `what was put away is what is in memory`(_ isWeighted: Bool) {
    let rows = Self.rows(12_000)
    let held = Self.states(rows, isWeighted: isWeighted, spillingTo: nil)
    let spilled = Self.states(rows, isWeighted: isWeighted, spillingTo: MemorySpillStore())
    #expect(spilled.spilledByteCount > 0)
    #expect(spilled.spillableByteCount == 0)
    #expect(spilled.byteCount < held.byteCount / 20)
    #expect(spilled.canonicalBytes(1) == held.canonicalBytes(1))
    #expect(spilled.output(1).entries == held.output(1).entries)
    #expect(spilled.output(1).heaviest(50, atLeast: 2).count > 0)
    for (count, least) in [(7, -Double.infinity), (50, 2), (.max, 3), (0, 0)] {
      let kept = spilled.output(1).heaviest(count, atLeast: least) { !$0.token.contains(0x0A) }
      #expect(
        kept == held.output(1).heaviest(count, atLeast: least) { !$0.token.contains(0x0A) })
    }
  }

  @Test func `counts are those of a dictionary`() {
    let rows = Self.rows(20_000)
    var counts: [[UInt8]: Int64] = [:]
    for row in rows { counts[Array(row.token.utf8), default: 0] += 1 }
    let states = Self.states(rows, isWeighted: false, spillingTo: MemorySpillStore())
    var found: [[UInt8]: Int64] = [:]
    states.output(1).forEach { found[$0.token] = $0.count }
    #expect(found == counts)
    let most = counts.sorted {
      $0.value != $1.value
        ? $0.value > $1.value : $1.key.lexicographicallyPrecedes($0.key)
    }
    #expect(states.output(1).heaviest(30).map(\.token) == most.prefix(30).map(\.key))
  }

  @Test func `a large vocabulary is read back as it was written, and in pieces`() throws {
    let tokens = (0..<100_000).map { "token \($0 * 7919 % 1_000_003)" }
    let held = Self.states(tokens.map { ($0, 1) }, isWeighted: false, spillingTo: nil)
    let bytes = held.canonicalBytes(1)
    let pieces = Pieces()
    var writer = ByteWriter { pieces.append($0) }
    held.encode(1, into: &writer)
    #expect(pieces.count > 0)
    #expect(pieces.bytes + writer.bytes == bytes)
    var decoded = GroupedVocabulary(VocabularyParameters())
    decoded.grow(to: 2)
    var reader = ByteReader(bytes)
    try decoded.decode(VocabularyParameters(), into: 1, from: &reader)
    #expect(reader.isAtEnd)
    // Read as a run, which is in memory until it is put away.
    #expect(decoded.spillableByteCount > 1_000_000)
    decoded.merge(held, mapping: [0, 1])
    let store = MemorySpillStore()
    decoded.spill(to: store)
    #expect(decoded.spillableByteCount == 0)
    var twice = held
    twice.merge(held, mapping: [0, 1])
    #expect(decoded.canonicalBytes(1) == twice.canonicalBytes(1))

    var turned = bytes
    // The first token is no longer the least.
    turned[5] = UInt8(ascii: "z")
    var damaged = ByteReader(turned)
    #expect(throws: ByteCodingError.self) {
      try decoded.decode(VocabularyParameters(), into: 1, from: &damaged)
    }
  }

  @Test func `tokens of several vocabularies are met together`() {
    let store = MemorySpillStore()
    func vocabulary(_ tokens: [String], isSpilled: Bool) -> Vocabulary {
      Self.states(tokens.map { ($0, 1) }, isWeighted: false, spillingTo: isSpilled ? store : nil)
        .output(1)
    }
    let all = [
      vocabulary(["b", "a", "b"], isSpilled: true), Vocabulary(),
      vocabulary(["c", "b"], isSpilled: false),
    ]
    var lines: [String] = []
    Vocabulary.forEachToken(of: all) { token, entries in
      let counts = entries.map { $0.map { "\($0.count)" } ?? "-" }.joined(separator: " ")
      lines.append(String(decoding: token, as: UTF8.self) + ": " + counts)
    }
    #expect(lines == ["a: 1 - -", "b: 2 - 1", "c: - - 1"])
  }
}

private final class Pieces: @unchecked Sendable {
  // Sound: one thread uses it.
  private(set) var bytes: [UInt8] = []
  private(set) var count = 0

  func append(_ more: [UInt8]) {
    bytes += more
    count += 1
  }
}
