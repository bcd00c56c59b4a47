/// The workloads of `ops/benchmarks`, as job files over the file `${DATA}`.
enum BenchmarkWorkload: String, CaseIterable {
  case w1, w2, w3

  var title: String {
    switch self {
    case .w1: "profile of nine columns"
    case .w2: "1-minute windows × 246 slices"
    case .w3: "count and sum by company and minute"
    }
  }

  /// The text of the job file; a test holds it equal to the one in `ops/benchmarks`.
  var job: String {
    switch self {
    case .w1: Self.profile
    case .w2: Self.slicedEvaluation
    case .w3: Self.keyedAggregate
    }
  }

  private static var profile: String {
    let values = ["fare", "distance", "tip", "age", "score"].flatMap { column in
      [
        "\(column)_count: count(\(column))", "\(column)_mean: mean(\(column))",
        "\(column)_var: var(\(column))", "\(column)_min: min(\(column))",
        "\(column)_max: max(\(column))", "\(column)_missing: missing_count(\(column))",
      ]
    }
    return """
      job: w1
      source:
        files: { paths: ["${DATA}"], format: jsonl }
      schema: { country: string, company: string, query: string, fare: float, distance: float, \
      tip: float, age: int, score: float }
      windows: { global: {} }
      aggregate:
        keys: []
        values:
          rows: count()
          \(values.joined(separator: "\n    "))
          fare_quantiles: quantiles(fare, 100)
          distance_quantiles: quantiles(distance, 100)
          companies: vocabulary(company, top_k=10000)
          countries: vocabulary(country, top_k=10000)
          words: vocabulary(split(query, ' '), top_k=10000)
      output: { snapshots: .bench/out/w1 }
      """
  }

  private static let slicedEvaluation = """
    job: w2
    source:
      files: { paths: ["${DATA}"], format: jsonl }
    schema: { event_time: timestamp_ms, country: string, device: string, label: int, \
    score: float, weight: float }
    event_time: { column: event_time, max_out_of_orderness: 10s, late: drop }
    windows: { fixed: 1m, allowed_lateness: 0s }
    evaluate:
      label: label
      prediction: score
      weight: weight
      exact_rows: 0
      slices: [[], [country], [device], [country, device]]
      metrics:
        - example_count
        - mean_label
        - mean_prediction
        - binary_cross_entropy
        - binary_accuracy: { threshold: 0.4999995 }
        - auc
    output: { snapshots: .bench/out/w2 }
    """

  private static let keyedAggregate = """
    job: w3
    source:
      files: { paths: ["${DATA}"], format: jsonl }
    schema: { event_time: timestamp_ms, company: string, fare: float }
    event_time: { column: event_time, max_out_of_orderness: 10s, late: drop }
    windows: { fixed: 1m, allowed_lateness: 0s }
    aggregate: { keys: [company], values: { n: count(), total: sum(fare) } }
    output: { snapshots: .bench/out/w3 }
    """
}
