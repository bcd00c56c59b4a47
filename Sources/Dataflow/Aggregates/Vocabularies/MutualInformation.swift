import Accumulators
import Columns
import Expressions

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Ranks tokens by what they tell about a label, in bits times rows, as TFT's `vocabulary`.
///
/// With x the weight of the rows that hold the token, y that of the rows of a label, n of all rows
/// and c that of both: Σ over labels of c·log2(c·n / (x·y)), where c / x is kept within 1e-6 of 0 and
/// 1, and a label is left out whose c is less than `min_diff_from_avg` from x·y / n. A token of all
/// rows has 0. Adjusted, the expectation of the same under a hypergeometric c is taken off.
///
/// Source: TFT 1.21, `beam/analyzer_impls.py`; Vinh, Epps and Bailey, *Information theoretic measures
/// for clusterings comparison*, JMLR 11 (2010), section 3, for the expectation.
struct MutualInformation: Sendable {
  private let isAdjusted: Bool
  /// `nil` grows with the number of rows: 2 up to 10,000, 25 from a million on.
  private let minDifference: Double?

  init(_ site: AggregateSite) throws(ExpressionError) {
    let type = try site.type("labels")
    guard type == .int64 || type == .string else {
      throw site.fail("'labels' must be integers or strings, not \(type)")
    }
    isAdjusted = site.arguments["use_adjusted_mutual_info"] == .bool(true)
    minDifference =
      site.arguments.isNone("min_diff_from_avg") ? nil : try site.double("min_diff_from_avg")
  }

  /// Calls `body` with the tokens of all labels and their information as weight, in no order.
  ///
  /// `tokens` holds, by label, the tokens of its rows, and `rows` the labels of all rows.
  func forEachToken(
    _ tokens: [KeyedAccumulator<VocabularyAccumulator>.Entry], rows: Vocabulary,
    _ body: (Vocabulary.Entry) -> Void
  ) {
    let labels = rows.entries.filter { $0.weight > 0 }.sorted { Self.isOrdered($0, $1) }
    let total = labels.reduce(0) { $0 + $1.weight }
    let byLabel = Dictionary(uniqueKeysWithValues: tokens.map { ($0.key, $0.output) })
    let shares = labels.map(\.weight)
    Vocabulary.forEachToken(of: labels.map { byLabel[$0.token] ?? Vocabulary() }) { token, held in
      let weights = held.map { $0?.weight ?? 0 }
      body(
        Vocabulary.Entry(
          token: token, count: held.reduce(0) { $0 + ($1?.count ?? 0) },
          weight: information(weights, shares, total)))
    }
  }

  /// Labels by their number, so that sums are taken in TFT's order.
  private static func isOrdered(_ one: Vocabulary.Entry, _ two: Vocabulary.Entry) -> Bool {
    if let first = Int64(one.text), let second = Int64(two.text) { return first < second }
    return one.token.lexicographicallyPrecedes(two.token)
  }

  private func information(_ joint: [Double], _ labels: [Double], _ total: Double) -> Double {
    let own = joint.reduce(0, +)
    guard own > 0, own.rounded() != total.rounded() else { return 0 }
    let least = minDifference ?? Self.recommendedDifference(total)
    var sum = 0.0
    var expected = 0.0
    for (count, label) in zip(joint, labels) {
      let both = min(max(count / own, 1e-6), 1 - 1e-6) * own
      if (own * label / total - both).magnitude < least { continue }
      sum += both * (log2(both) + log2(total) - (log2(own) + log2(label)))
      if isAdjusted { expected += Self.expectation(total, own, label) }
    }
    return sum - expected
  }

  static func recommendedDifference(_ total: Double) -> Double {
    min(max(2 + (total - 1e4) / (1e6 - 1e4) * 23, 2), 25)
  }

  /// The expectation of c·log2(c·n / (x·y)) for a hypergeometric c.
  static func expectation(_ total: Double, _ own: Double, _ label: Double) -> Double {
    let first = max(0, own + label - total).rounded()
    let last = min(own, label).rounded()
    guard first <= last else { return 0 }
    func logFactorial(_ x: Double) -> Double { lgamma(x + 1).0 }
    var logShare =
      logFactorial(own) + logFactorial(label) + logFactorial(total - own)
      + logFactorial(total - label) - logFactorial(total) - logFactorial(first)
      - logFactorial(own - first) - logFactorial(label - first)
      - logFactorial(total - own - label + first)
    var sum = 0.0
    var shares = 0.0
    for count in stride(from: first, through: last, by: 1) {
      let share = exp(logShare)
      if count > 0 {
        sum += count * (log2(total) - log2(own) - log2(label) + log2(count)) * share
      }
      shares += share
      logShare +=
        log(own - count) + log(label - count) - log(count + 1)
        - log(total - own - label + count + 1)
    }
    return sum / shares
  }
}
