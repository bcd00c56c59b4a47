public import ByteCoding
public import Columns

/// Exact counts, and weights, of the tokens of a column.
///
/// Inputs: strings, integers or bools, or lists of them; and, if there is one, a numeric weight a
/// row. Missing rows and elements are not counted; rows whose weight is missing, NaN or infinite
/// are skipped.
public struct VocabularyAccumulator: Accumulator {
  struct Totals: Sendable {
    var count: Int64 = 0
    var weight = ExactSum()
  }

  private(set) var totals: [[UInt8]: Totals] = [:]

  public init(_: VocabularyParameters) {}

  init(_ totals: [[UInt8]: Totals]) { self.totals = totals }

  public mutating func add(_ inputs: [Column]) {
    let tokens = TokenColumn(inputs[0])
    let weights = inputs.count > 1 ? NumericColumn(inputs[1]).doubles : []
    tokens.forEachElement { row, element in
      let weight = weights.isEmpty ? 1 : weights[row]
      guard isUsable(weight: weight) else { return }
      let token = tokens.bytes(element)
      totals[token, default: Totals()].count += 1
      totals[token, default: Totals()].weight.add(weight)
    }
  }

  public mutating func merge(_ other: VocabularyAccumulator) {
    for (token, more) in other.totals {
      totals[token, default: Totals()].count += more.count
      totals[token, default: Totals()].weight.merge(more.weight)
    }
  }

  public func output() -> Vocabulary {
    let entries = totals.map {
      Vocabulary.Entry(token: $0.key, count: $0.value.count, weight: $0.value.weight.value)
    }
    return Vocabulary(ranked: entries.sorted { Vocabulary.Entry.isOrdered($0, before: $1) })
  }

  /// | bytes | meaning |
  /// |---|---|
  /// | 1, varint | format, count of tokens |
  /// | each, by token bytes ascending | length-prefixed token, varint count, weight (a natural number as twice itself in a varint; else the varint 1 and an ``ExactSum``) |
  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    writer.append(varint: UInt64(totals.count))
    var weights = LaneSums(count: 1)
    for (token, held) in totals.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      writer.append(lengthPrefixed: token)
      writer.append(varint: UInt64(held.count))
      weights = LaneSums(count: 1)
      weights.add(held.weight, at: 0)
      weights.encode(0, into: &writer)
    }
  }

  public static func decode(
    _ parameters: VocabularyParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> VocabularyAccumulator {
    try FormatVersion.read(from: &reader)
    var result = VocabularyAccumulator(parameters)
    for _ in 0..<(try FormatVersion.readCount(from: &reader)) {
      let token = Array(try reader.readLengthPrefixed())
      let count = Int64(truncatingIfNeeded: try reader.readVarint())
      var weight = LaneSums()
      try weight.appendDecoded(from: &reader)
      result.totals[token] = Totals(count: count, weight: weight.sum(0))
    }
    return result
  }
}
