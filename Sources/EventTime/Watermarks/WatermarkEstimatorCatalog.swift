/// The watermark estimators that job files can name.
public enum WatermarkEstimatorCatalog {
  public static let all: [any WatermarkEstimator.Type] = [
    BoundedOutOfOrderness.self, WholePeriods.self,
  ]

  /// The estimator called `name` in job files, or `nil`.
  public static func type(named name: String) -> (any WatermarkEstimator.Type)? {
    all.first { $0.name == name }
  }
}
