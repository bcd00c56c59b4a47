extension MetricCatalog {
  /// Metrics of TFMA 0.52 that this version does not compute, by their names in a job file, each
  /// with the reason and what to use instead.
  public static let planned: [(name: String, reason: String)] = [
    ("mean", "planned: use an aggregate stage with mean(feature), sliced by its keys"),
    ("false_positive_feature_sampler", samplerReason),
    ("false_negative_feature_sampler", samplerReason),
    ("mean_attributions", attributionReason), ("mean_absolute_attributions", attributionReason),
    ("total_attributions", attributionReason), ("total_absolute_attributions", attributionReason),
    ("exact_match", "planned: use accuracy over derived numbers, or an aggregate stage"),
    ("bleu", textReason), ("rouge", textReason),
    ("set_match_precision", setReason), ("set_match_recall", setReason),
    (
      "score_distribution_plot",
      "a plot, planned: use plots: [calibration], whose ranges hold weights"
    ),
    ("calibration_plot", "a plot: use plots: [calibration]"),
    ("confusion_matrix_plot", "a plot: use plots: [confusion_matrix]"),
    ("auc_plot", "a plot: use plots: [roc]"),
    ("object_detection_precision", imageReason), ("object_detection_recall", imageReason),
    ("object_detection_precision_at_recall", imageReason),
    ("object_detection_threshold_at_recall", imageReason),
    ("object_detection_max_recall", imageReason),
    ("object_detection_confusion_matrix_plot", imageReason),
    ("coco_average_precision", imageReason), ("coco_average_recall", imageReason),
    ("coco_mean_average_precision", imageReason), ("coco_mean_average_recall", imageReason),
    ("semantic_segmentation_confusion_matrix", imageReason),
    ("semantic_segmentation_true_positive", imageReason),
    ("semantic_segmentation_false_positive", imageReason),
  ]

  private static let samplerReason =
    "planned: use an aggregate stage over the rows that a filter keeps as wrong"
  private static let attributionReason =
    "planned: use an aggregate stage with mean, sum and abs of the attribution columns"
  private static let textReason =
    "planned: needs texts as labels; compute it a row and use mean_label"
  private static let setReason = "planned: needs sets as labels; precision and recall take top_k"
  private static let imageReason = "planned: needs boxes or masks as labels; compute it a row first"
}
