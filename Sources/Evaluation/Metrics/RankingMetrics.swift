#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension MetricDefinition {
  /// Metrics of the rows of each query, ranked by prediction.
  ///
  /// Source: TFMA `ndcg.py`, `min_label_position.py`, `query_statistics.py`.
  static let rankings: [MetricDefinition] = [
    MetricDefinition(
      "ndcg", "mean over queries of DCG at k over the best possible; without a gain: no part",
      task: .queries,
      family: { arguments in
        (arguments.numbers("top_k_list") ?? []).map { k in
          MetricComputation(queries: { meanGain($0, Int(k)) }, subKey: .topK(Int(k)))
        }
      },
      parameters: [
        MetricParameter(
          "top_k_list", .numbers(1...1_000_000), default: "required", isRequired: true),
        MetricParameter("gain_key", .text, default: "the label"),
      ]),
    MetricDefinition(
      "min_label_position", "mean rank, from 1, of each query's first row with a label above 0",
      task: .queries
    ) { _ in
      byQuery { query in query.rows.firstIndex { $0.label > 0 }.map { Double($0 + 1) } }
    },
    MetricDefinition(
      "mean_reciprocal_rank", "mean of 1 / rank of the first row with a label above 0, else 0",
      task: .queries
    ) { _ in
      byQuery { query in query.rows.firstIndex { $0.label > 0 }.map { 1 / Double($0 + 1) } ?? 0 }
    },
    MetricDefinition(
      "query_statistics",
      "total_queries, total_documents, min_documents and max_documents; as in TFMA, each query's "
        + "times its weight under compat: tfma", task: .queries,
      family: { arguments in
        let isWeighted = arguments.compatibility == .tfma
        return [
          statistic("total_queries", isWeighted) { queries, _ in queries.reduce(0, +) },
          statistic("total_documents", isWeighted) { _, documents in documents.reduce(0, +) },
          statistic("min_documents", isWeighted) { _, documents in documents.min() ?? 0 },
          statistic("max_documents", isWeighted) { _, documents in documents.max() ?? 0 },
        ]
      }, usesWeights: { $0 == .tfma }),
  ]

  /// Whether the metric is a count, of which there is no interval.
  static func countsQueries(_ name: String) -> Bool {
    name.hasSuffix("_queries") || name.hasSuffix("_documents")
  }

  /// Of each query what it and its rows count.
  private static func statistic(
    _ name: String, _ isWeighted: Bool,
    _ value: @escaping @Sendable (_ queries: [Double], _ documents: [Double]) -> Double
  ) -> MetricComputation {
    MetricComputation(
      queries: { queries in
        let weights = queries.map { isWeighted ? $0.weight : 1 }
        return .number(value(weights, zip(queries, weights).map { Double($0.rows.count) * $1 }))
      }, name: name)
  }

  /// The mean over the queries for which there is a value.
  private static func byQuery(
    _ value: @escaping @Sendable (RankedQuery) -> Double?
  ) -> MetricComputation {
    MetricComputation(queries: { queries in
      var (sum, total) = (0.0, 0.0)
      for query in queries {
        guard let value = value(query) else { continue }
        sum += value * query.weight
        total += query.weight
      }
      return .number(ratio(sum, total))
    })
  }

  /// Queries without a gain above 0 are left out.
  private static func meanGain(_ queries: [RankedQuery], _ k: Int) -> BoundedValue {
    var (sum, total) = (0.0, 0.0)
    for query in queries {
      let gains = query.rows.map(\.gain)
      let best = discounted(gains.sorted(by: >), k)
      guard let greatest = gains.max(), greatest > 0 else { continue }
      sum += query.weight * (best > 0 ? discounted(gains, k) / best : 0)
      total += query.weight
    }
    return .number(ratio(sum, total))
  }

  private static func discounted(_ gains: [Double], _ k: Int) -> Double {
    gains.prefix(k).enumerated().reduce(0) { $0 + $1.element / log2(Double($1.offset + 2)) }
  }
}
