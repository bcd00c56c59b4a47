/// How each row function is written in foreign formats; one entry for every name of
/// `RowFunctionCatalog`.
public enum TensorFunctionCatalog {
  static let all: [TensorFunction] =
    TensorArithmetic.functions + TensorLogic.functions + TensorNumeric.functions
    + TensorStrings.functions + TensorScaling.functions + TensorTime.functions
    + TensorKeys.functions + TensorLists.functions + unsupported

  private static let unsupported: [TensorFunction] =
    [
      "log_loss", "squared_error", "categorical_log_loss", "top_k_hits", "class_label", "class_of",
      "bootstrap_samples", "jackknife_part", "cosine_similarity", "element", "rank_of",
      "ranked_index", "ranked_value", "bleu_counts", "rouge", "set_match", "sample_order",
      "box_labels", "box_scores", "box_counts", "mask_counts", "interleave",
    ].map { TensorFunction($0, unsupported: "serves evaluation, not training") }
    + ["onnx", "saved_model"].map {
      TensorFunction($0, unsupported: "a model of its own, which exports do not take in")
    }

  /// Why the function called `name` cannot be exported at all; `nil` if it can.
  public static func reasonAgainst(_ name: String) -> String? {
    switch byName[name]?.form {
    case .supported: nil
    case .unsupported(let reason): reason
    case nil: "not written as tensor operations yet"
    }
  }

  static func function(named name: String) -> TensorFunction? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
