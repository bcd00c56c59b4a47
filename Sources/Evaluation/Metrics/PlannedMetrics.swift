extension MetricCatalog {
  /// Metrics of TFMA 0.52 that this version does not compute, by their names in a job file.
  public static let planned: [(name: String, reason: String)] = [
    ("prevalence_threshold", "planned: singular where tpr + tnr = 1"),
    ("sensitivity_at_specificity", atReason), ("specificity_at_sensitivity", atReason),
    ("precision_at_recall", atReason), ("recall_at_precision", atReason),
    ("recall_at_false_positive_rate", atReason), ("threshold_at_recall", atReason),
    ("max_recall", atReason),
    ("fairness_indicators", "planned: rates at ten thresholds"),
    ("mean_absolute_error", lossReason), ("mean_absolute_percentage_error", lossReason),
    ("mean_squared_logarithmic_error", lossReason),
    ("squared_pearson_correlation", "planned: needs exact products of sums"),
    ("coefficient_of_discrimination", "planned: means by class"),
    ("relative_coefficient_of_discrimination", "planned: means by class"),
    ("categorical_cross_entropy", classReason), ("sparse_categorical_accuracy", classReason),
    ("multi_class_confusion_matrix_at_thresholds", classReason),
    ("ndcg", queryReason), ("min_label_position", queryReason), ("query_statistics", queryReason),
    ("symmetric_prediction_difference", diffReason), ("boolean_flip_rates", diffReason),
    ("symmetric_flip_rate", diffReason), ("neg_to_neg_flip_rate", diffReason),
    ("neg_to_pos_flip_rate", diffReason), ("pos_to_neg_flip_rate", diffReason),
    ("pos_to_pos_flip_rate", diffReason), ("model_cosine_similarity", diffReason),
    ("false_positive_feature_sampler", "planned: seeded samples"),
    ("false_negative_feature_sampler", "planned: seeded samples"),
    ("mean_attributions", attributionReason), ("mean_absolute_attributions", attributionReason),
    ("total_attributions", attributionReason), ("total_absolute_attributions", attributionReason),
    ("exact_match", textReason), ("bleu", textReason), ("rouge", textReason),
    ("set_match_precision", textReason), ("set_match_recall", textReason),
    ("object_detection_precision", imageReason), ("object_detection_recall", imageReason),
    ("coco_mean_average_precision", imageReason), ("coco_mean_average_recall", imageReason),
    ("semantic_segmentation_confusion_matrix", imageReason),
  ]

  private static let atReason = "planned: read off the score curve"
  private static let lossReason = "planned: one more row sum"
  private static let classReason = "planned: needs lists of class scores"
  private static let queryReason = "planned: needs rows grouped by query"
  private static let diffReason = "planned: compares a model with a baseline"
  private static let attributionReason = "planned: needs attributions"
  private static let textReason = "planned: needs texts or sets as labels"
  private static let imageReason = "planned: needs boxes or masks as labels"
}
