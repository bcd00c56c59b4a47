import Accumulators
import ByteCoding
import Columns
import Expressions

/// Which tokens a vocabulary keeps, and in which order.
struct VocabularySelection: Sendable {
  typealias Entry = AggregateValue.VocabularyEntry

  static let parameters: [FunctionSignature.Parameter] = [
    .required("x"), .keyword("top_k", .none), .keyword("frequency_threshold", .none),
    .keyword("vocab_filename", .none), .keyword("store_frequency", .bool(false)),
    .keyword("reserved_tokens", .none), .keyword("weights", .none), .keyword("labels", .none),
    .keyword("use_adjusted_mutual_info", .bool(false)), .keyword("min_diff_from_avg", .none),
    .keyword("coverage_top_k", .none), .keyword("coverage_frequency_threshold", .none),
    .keyword("key_fn", .none), .keyword("fingerprint_shuffle", .bool(false)),
    .keyword("file_format", .string("text")),
  ]

  /// The most tokens and the least weight of one that is kept.
  private struct Limits {
    var count = Int.max
    var weight = -Double.infinity
  }

  private var limits = Limits()
  private var coverage = Limits()
  /// Computes the key that tokens are covered by; of one output over the column `token`.
  private var key: RowProgram?
  private var reserved: [[UInt8]] = []
  private var isShuffled = false
  private var isText = true

  init(_ site: AggregateSite) throws(ExpressionError) {
    try self.init(common: site)
    limits = try Self.limits(site, "top_k", "frequency_threshold")
    coverage = try Self.limits(site, "coverage_top_k", "coverage_frequency_threshold")
    isShuffled = site.arguments["fingerprint_shuffle"] == .bool(true)
    guard !site.arguments.isNone("key_fn") else {
      if coverage.count < .max || coverage.weight > -.infinity {
        throw site.fail("coverage needs a 'key_fn'")
      }
      return
    }
    guard case .string(let text) = site.arguments["key_fn"] else {
      throw site.fail("'key_fn' must be a formula over token, as text")
    }
    let program = try RowProgram(
      [Expression(formula: text)], schema: Schema([Field("token", .string)]))
    guard program.outputTypes == [.string] else {
      throw site.fail("'key_fn' gives \(program.outputTypes[0]), not a string")
    }
    key = program
  }

  /// The fewer options of `approximate_vocabulary`.
  init(approximate site: AggregateSite) throws(ExpressionError) {
    try self.init(common: site)
    limits.count = try site.int("top_k", atLeast: 1)
  }

  private init(common site: AggregateSite) throws(ExpressionError) {
    let type = try site.type("x")
    guard [.string, .int64, .list(.string), .list(.int64)].contains(type) else {
      throw site.fail("'x' must be strings or integers, or lists of them, not \(type)")
    }
    if !site.arguments.isNone("weights") { try site.number("weights") }
    switch site.arguments["file_format"] {
    case .string("text"): isText = true
    case .string("tfrecord_gzip"): isText = false
    case let other:
      throw site.fail("'file_format' must be 'text' or 'tfrecord_gzip', not \(other.formula)")
    }
    if !site.arguments.isNone("reserved_tokens") {
      guard case .list(let tokens) = site.arguments["reserved_tokens"] else {
        throw site.fail("'reserved_tokens' must be a list of strings")
      }
      for token in tokens {
        guard case .string(let text) = token else {
          throw site.fail("'reserved_tokens' must be a list of strings")
        }
        reserved.append(Array(text.utf8))
      }
    }
  }

  private static func limits(
    _ site: AggregateSite, _ count: String, _ weight: String
  ) throws(ExpressionError) -> Limits {
    var limits = Limits()
    if !site.arguments.isNone(count) { limits.count = try site.int(count, atLeast: 1) }
    if !site.arguments.isNone(weight) { limits.weight = try site.double(weight) }
    return limits
  }

  /// What is kept of `vocabulary`, the heaviest first, ties by bytes descending.
  ///
  /// Reserved tokens come first, with weight −1. Only what is kept is in memory, unless keys cover.
  func selected(_ vocabulary: Vocabulary) -> [Entry] {
    guard key == nil else {
      return arranged(coveringEntries(vocabulary.entries.map(Entry.init).filter(isWritable)))
    }
    let kept = vocabulary.heaviest(limits.count, atLeast: limits.weight) {
      isWritable($0.token)
    }
    return arranged(kept.map(Entry.init))
  }

  /// What is kept of the entries that `forEach` calls its argument with, in any order.
  func selected(_ forEach: ((Vocabulary.Entry) -> Void) -> Void) -> [Entry] {
    var kept =
      key == nil ? HeaviestEntries(limits.count, atLeast: limits.weight) : HeaviestEntries()
    forEach { if isWritable($0.token) { kept.add($0) } }
    let entries = kept.entries.map(Entry.init)
    return arranged(key == nil ? entries : coveringEntries(entries))
  }

  /// What is kept of `entries`, which are the heaviest first.
  func selected(_ entries: some Sequence<Entry>) -> [Entry] {
    arranged(
      key == nil ? topEntries(entries) : coveringEntries(entries.filter(isWritable)))
  }

  private func arranged(_ entries: [Entry]) -> [Entry] {
    var kept = entries
    if isShuffled {
      let digests = kept.map { SHA1.digest($0.token) }
      kept = kept.indices.sorted { digests[$0].lexicographicallyPrecedes(digests[$1]) }
        .map { kept[$0] }
    }
    guard !reserved.isEmpty else { return kept }
    let names = Set(reserved)
    return reserved.map { Entry(token: $0, count: -1, weight: -1) }
      + kept.filter { !names.contains($0.token) }
  }

  private func isWritable(_ entry: Entry) -> Bool { isWritable(entry.token) }

  private func isWritable(_ token: [UInt8]) -> Bool {
    !isText || !token.isEmpty && !token.contains { $0 == 0x0A || $0 == 0x0D }
  }

  private func topEntries(_ entries: some Sequence<Entry>) -> [Entry] {
    var kept: [Entry] = []
    for entry in entries {
      // Heaviest first: all that follow are lighter.
      if kept.count == limits.count || entry.weight < limits.weight { break }
      if isWritable(entry) { kept.append(entry) }
    }
    return kept
  }

  /// Those within the limits, and those within the coverage limits of their key.
  private func coveringEntries(_ entries: [Entry]) -> [Entry] {
    let keys = keys(of: entries)
    var counts: [[UInt8]: Int] = [:]
    return entries.enumerated().compactMap { index, entry in
      let rank = counts[keys[index], default: 0]
      counts[keys[index]] = rank + 1
      let isKept = index < limits.count && entry.weight >= limits.weight
      let isCovering = rank < coverage.count && entry.weight >= coverage.weight
      return isKept || isCovering ? entry : nil
    }
  }

  private func keys(of entries: [Entry]) -> [[UInt8]] {
    guard let key else { preconditionFailure("coverage without a key") }
    var bytes: [UInt8] = []
    var offsets: [UInt32] = [0]
    for entry in entries {
      bytes += entry.token
      offsets.append(UInt32(bytes.count))
    }
    let batch = RecordBatch(
      schema: Schema([Field("token", .string)]), rowCount: entries.count,
      columns: [.plain(PlainStringColumn(bytes: bytes, offsets: offsets))])
    let column = key.makeEvaluator().evaluate(batch)[0]
    return entries.indices.map { column.validity.isPresent($0) ? column.text(at: $0) : [] }
  }
}

extension AggregateValue.VocabularyEntry {
  init(_ entry: Vocabulary.Entry) {
    self.init(token: entry.token, count: entry.count, weight: entry.weight)
  }
}
