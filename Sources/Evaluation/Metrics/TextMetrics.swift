#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension MetricDefinition {
  /// Metrics of texts against reference texts, of which a row may have several.
  static let textMetrics: [MetricDefinition] = [
    MetricDefinition(
      "exact_match", "weighted share of rows whose prediction is the label", task: .same
    ) { _ in
      MetricComputation(sums: [.formula("where(y == p, 1.0, 0.0)"), .weight]) {
        .number(ratio($0[0], $0[1]))
      }
    },
    MetricDefinition(
      "bleu", "BLEU of the whole slice in 0 … 100, as sacrebleu; not weighed", task: .texts,
      parameters: [
        MetricParameter("lowercase", .choice(["true", "false"]), default: "false"),
        MetricParameter("tokenize", .choice(["13a", "none"]), default: "13a"),
        MetricParameter(
          "smooth_method", .choice(["exp", "floor", "add-k", "none"]), default: "exp"),
        MetricParameter("smooth_value", .number(0...1_000_000), default: "0.1, 1 for add-k"),
        MetricParameter("effective_order", .choice(["true", "false"]), default: "false"),
      ], usesWeights: { _ in false }
    ) { bleu($0) },
    MetricDefinition(
      "rouge", "weighted means of ROUGE's precision, recall and F, as rouge-score", task: .texts,
      family: { arguments in
        let kind = arguments.text("rouge_type", default: "rouge1")
        let prefix = arguments.text("name", default: kind)
        let isStemmed = arguments.text("use_stemmer", default: "false")
        let call = "rouge(y, p, '\(kind)', use_stemmer=\(isStemmed))"
        return ["precision", "recall", "fmeasure"].enumerated().map { index, name in
          MetricComputation(
            sums: [.formula("element(\(call), \(index))"), .weight],
            name: "\(prefix)/\(name)", value: { .number(ratio($0[0], $0[1])) })
        }
      },
      parameters: [
        MetricParameter(
          "rouge_type", .choice((1...9).map { "rouge\($0)" } + ["rougeL", "rougeLsum"]),
          default: "required", isRequired: true),
        MetricParameter("use_stemmer", .choice(["true", "false"]), default: "false"),
      ]),
    setMatch("set_match_precision", "share of the classes predicted that are labels", other: 1),
    setMatch("set_match_recall", "share of the labels that are predicted", other: 2),
  ]

  /// The scores are a column, and the classes the prediction.
  private static func setMatch(
    _ name: String, _ summary: String, other: Int
  ) -> MetricDefinition {
    MetricDefinition(
      name, summary + ", over all rows", task: .texts,
      parameters: [
        MetricParameter("scores", .text, default: "required", isRequired: true),
        MetricParameter(
          "threshold", .number(-.infinity ... .infinity), default: "0.5, −∞ with top_k"),
        MetricParameter("top_k", .integer(1...100_000), default: "all"),
      ]
    ) { arguments in
      let k = arguments.number("top_k", default: Double(Int32.max))
      let isCut = k < Double(Int32.max)
      let least = isCut ? -Double.greatestFiniteMagnitude : 0.5
      let threshold = arguments.number("threshold", default: least)
      let scores = arguments.text("scores", default: "")
      let call = "set_match(y, p, \(scores), \(threshold), \(Int(k)))"
      return MetricComputation(
        sums: [.formula("element(\(call), 0)"), .formula("element(\(call), \(other))")]
      ) { .number(ratio($0[0], $0[0] + $0[1])) }
    }
  }

  /// Source: sacrebleu `metrics/bleu.py`, `compute_bleu`.
  private static func bleu(_ arguments: MetricArguments) -> MetricComputation {
    let options =
      (arguments.text("lowercase", default: "false") == "true" ? ", lowercase=true" : "")
      + ", tokenize='\(arguments.text("tokenize", default: "13a"))'"
    let method = arguments.text("smooth_method", default: "exp")
    let smoothing = arguments.number("smooth_value", default: method == "add-k" ? 1 : 0.1)
    let isEffective = arguments.text("effective_order", default: "false") == "true"
    let sums = (0..<10).map { SumQuantity.count("element(bleu_counts(y, p\(options)), \($0))") }
    return MetricComputation(sums: sums) { inputs in
      let (words, wanted) = (inputs[8], inputs[9])
      guard (0..<4).contains(where: { inputs[$0] > 0 }) else { return .number(0) }
      var shares = [Double](repeating: 0, count: 4)
      var order = 4
      var halvings = 1.0
      for index in 0..<4 {
        let added = method == "add-k" && index > 0 ? smoothing : 0
        let (hits, all) = (inputs[index] + added, inputs[index + 4] + added)
        if all == 0 { break }
        if isEffective { order = index + 1 }
        if hits > 0 {
          shares[index] = 100 * hits / all
        } else if method == "exp" {
          halvings *= 2
          shares[index] = 100 / (halvings * all)
        } else if method == "floor" {
          shares[index] = 100 * smoothing / all
        }
      }
      let brevity = words < wanted ? (words > 0 ? exp(1 - wanted / words) : 0) : 1
      // A share of 0 has no logarithm; sacrebleu takes −9,999,999,999 for it.
      let logs = shares[..<order].reduce(0) { $0 + ($1 > 0 ? log($1) : -9_999_999_999) }
      return .number(brevity * exp(logs / Double(order)))
    }
  }
}
