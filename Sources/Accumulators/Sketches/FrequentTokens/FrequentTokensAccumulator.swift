public import ByteCoding
public import Columns

/// Weights of the heaviest tokens of a column in bounded memory.
///
/// When there are twice as many tokens as the capacity, what the first one beyond it weighs is taken
/// from all, and those with nothing left are forgotten; how much was taken bounds every error.
/// Source: Misra and Gries 1982, which holds what space-saving does (Agarwal et al., Mergeable
/// Summaries, 2013, section 2): upper bounds here are its counters. Beyond the capacity the state
/// depends on the order of rows and merges.
///
/// Inputs as of ``VocabularyAccumulator``.
public struct FrequentTokensAccumulator: BoundedAccumulator {
  private struct Counter {
    var count: Int64 = 0
    /// `nil` while every row weighs 1.
    var weight: ExactSum?

    var value: Double { weight?.value ?? Double(count) }

    mutating func add(_ more: Counter) {
      if weight != nil || more.weight != nil {
        var sum = weight ?? Self.sum(count)
        sum.merge(more.weight ?? Self.sum(more.count))
        weight = sum
      }
      count += more.count
    }

    /// Takes `amount` off, which is a whole number where rows weigh 1.
    mutating func subtract(_ amount: Double) {
      if weight == nil { count -= Int64(amount) }
      weight?.add(-amount)
    }

    private static func sum(_ count: Int64) -> ExactSum {
      var sum = ExactSum()
      sum.add(count)
      return sum
    }
  }

  private let capacity: Int
  private var counters: [[UInt8]: Counter] = [:]
  private var excess = ExactSum()
  private var tokenBytes = 0

  public static var takesPlainStrings: Bool { true }

  public init(_ parameters: FrequentTokensParameters) { capacity = parameters.capacity }

  public mutating func add(_ inputs: [Column]) {
    let tokens = TokenColumn(inputs[0])
    var batch = TokenIDs()
    let ids = batch.ids(of: tokens)
    var sums: [UInt32: Counter] = [:]
    if inputs.count > 1 {
      let weights = NumericColumn(inputs[1]).doubles
      tokens.forEachElement { row, element in
        guard isUsable(weight: weights[row]) else { return }
        var sum = ExactSum()
        sum.add(weights[row])
        sums[ids[element], default: Counter()].add(Counter(count: 1, weight: sum))
      }
    } else {
      tokens.forEachElement { _, element in sums[ids[element], default: Counter()].count += 1 }
    }
    // In the order of the ids: which tokens are forgotten must not hang on a hash seed.
    for id in sums.keys.sorted() { add(batch.bytes(id), sums[id] ?? Counter()) }
  }

  private mutating func add(_ token: [UInt8], _ more: Counter) {
    if counters[token] == nil { tokenBytes += token.count }
    counters[token, default: Counter()].add(more)
    if counters.count > 2 * capacity { reduce() }
  }

  /// Forgets all but the heaviest.
  private mutating func reduce() {
    guard counters.count > capacity else { return }
    let amount = counters.values.map(\.value).sorted(by: >)[capacity]
    // Weights of 0 and less count for nothing, and take nothing from the others.
    if amount > 0 { excess.add(amount) }
    counters = counters.compactMapValues { counter in
      var counter = counter
      if amount > 0 { counter.subtract(amount) }
      return counter.value > 0 ? counter : nil
    }
    tokenBytes = counters.keys.reduce(0) { $0 + $1.count }
  }

  public mutating func merge(_ other: FrequentTokensAccumulator) {
    excess.merge(other.excess)
    for token in other.counters.keys {
      if counters[token] == nil { tokenBytes += token.count }
      counters[token, default: Counter()].add(other.counters[token] ?? Counter())
    }
    if counters.count > 2 * capacity { reduce() }
  }

  public func output() -> FrequentTokens {
    let excess = excess.value
    let entries = counters.map { token, counter in
      Vocabulary.Entry(token: token, count: counter.count, weight: counter.value + excess)
    }
    return FrequentTokens(
      entries: entries.sorted { one, two in
        one.weight != two.weight
          ? one.weight > two.weight : two.token.lexicographicallyPrecedes(one.token)
      }, excess: excess)
  }

  public var byteCount: Int { counters.capacity * Self.counterBytes + tokenBytes }

  /// Of a counter with its place in the table and an array for the token.
  private static let counterBytes = 2 * (8 + MemoryLayout<Counter>.stride) + 32

  /// Twice the capacity of tokens of 16 bytes.
  public static func byteBound(
    _ parameters: FrequentTokensParameters, distinctCount: Int
  ) -> Int {
    min(2 * parameters.capacity + 1, distinctCount) * (2 * counterBytes + 16)
  }
}

extension FrequentTokensAccumulator {
  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    excess.encode(into: &writer)
    writer.append(varint: UInt64(counters.count))
    for token in counters.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let counter = counters[token] ?? Counter()
      writer.append(lengthPrefixed: token)
      writer.append(varint: UInt64(counter.count))
      writer.append(UInt8(counter.weight == nil ? 0 : 1))
      counter.weight?.encode(into: &writer)
    }
  }

  public static func decode(
    _ parameters: FrequentTokensParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> FrequentTokensAccumulator {
    try FormatVersion.read(from: &reader)
    var result = FrequentTokensAccumulator(parameters)
    result.excess = try ExactSum.decode(from: &reader)
    for _ in 0..<(try FormatVersion.readCount(from: &reader)) {
      let token = Array(try reader.readLengthPrefixed())
      var counter = Counter(count: Int64(truncatingIfNeeded: try reader.readVarint()))
      if try reader.readByte() == 1 { counter.weight = try ExactSum.decode(from: &reader) }
      result.counters[token] = counter
      result.tokenBytes += token.count
    }
    return result
  }
}
