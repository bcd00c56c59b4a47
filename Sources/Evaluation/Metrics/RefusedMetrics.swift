extension MetricCatalog {
  /// Names of TFMA 0.52 that are no metrics here, as a job file would write them, each with the
  /// reason and what to use instead.
  public static let refused: [(name: String, reason: String)] = [
    ("score_distribution_plot", plot("score_distribution")),
    ("calibration_plot", plot("calibration")), ("confusion_matrix_plot", plot("confusion_matrix")),
    ("auc_plot", plot("roc")),
    (
      "object_detection_confusion_matrix_plot",
      "a plot: use plots: [confusion_matrix: { class_id: 0, iou_threshold: 0.5 }]"
    ),
  ]

  private static func plot(_ kind: String) -> String { "a plot: use plots: [\(kind)]" }
}
