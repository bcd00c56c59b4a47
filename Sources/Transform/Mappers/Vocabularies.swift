import Dataflow
import Expressions

extension Mapper {
  /// As TFT's; note that `min_diff_from_avg` is 0 by default here, and not in `vocabulary`.
  static let computeAndApplyVocabulary = vocabulary(
    "compute_and_apply_vocabulary", "vocabulary", defaults: ["min_diff_from_avg": .number(0)],
    "the position of x in the vocabulary of its column")

  static let computeAndApplyApproximateVocabulary = vocabulary(
    "compute_and_apply_approximate_vocabulary", "approximate_vocabulary", defaults: [:],
    "the position of x among the top_k tokens of its column")

  /// A mapper that has the options of `analyzer` and of `apply_vocabulary`.
  private static func vocabulary(
    _ name: String, _ analyzer: String, defaults: [String: Expression], _ summary: String
  ) -> Mapper {
    let own: [FunctionSignature.Parameter] = [
      .keyword("default_value", .integer(-1)), .keyword("num_oov_buckets", .integer(0)),
    ]
    let shared = AggregateFunctionCatalog.function(named: analyzer)?.signature.parameters ?? []
    let parameters = shared.map { parameter in
      var parameter = parameter
      if let fallback = defaults[parameter.name] { parameter.fallback = fallback }
      return parameter
    }
    return Mapper(name, parameters + own, summary) { arguments in
      // What only labels need stays out of a vocabulary without them.
      let options = shared.filter { $0.fallback != nil }.filter {
        !arguments.isNone("labels", in: shared) || $0.name != "min_diff_from_avg"
      }
      let positional = shared.filter { $0.fallback == nil }.map { arguments[$0.name] }
      return BoundArguments.call(
        "apply_vocabulary",
        [
          arguments["x"],
          BoundArguments.call(analyzer, positional, options.map { ($0.name, arguments[$0.name]) }),
        ], own.map { ($0.name, arguments[$0.name]) })
    }
  }
}

extension BoundArguments {
  /// Whether the argument is `None`, or no parameter of `parameters` at all.
  fileprivate func isNone(
    _ name: String, in parameters: [FunctionSignature.Parameter]
  ) -> Bool {
    !parameters.contains { $0.name == name } || isNone(name)
  }
}
