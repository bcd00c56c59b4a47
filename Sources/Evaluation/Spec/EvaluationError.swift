/// An error in an evaluation's configuration, found before any row is read.
public struct EvaluationError: Error, Hashable, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    case unknownMetric(String)
    case refusedMetric(String, String)
    case duplicateMetric(String)
    case unknownParameter(metric: String, String)
    case badParameter(metric: String, parameter: String, expected: String)
    case needsCompatibility(metric: String, parameter: String)
    case missingParameter(metric: String, String)
    case notForClasses(String)
    case notForScalars(String)
    case notForTexts(String)
    case needsTexts(String)
    case notForImages(String)
    case needsImages(String)
    case needsAttributions(String)
    case notForTopK(String)
    case manySubKeys(String)
    case needsClassCount(String)
    case needsBaseline(String)
    case needsQuery(String)
    case notByQuery(String)
    case badAggregation(String)
    case badConfiguration(String)
    case noModel
    case noSlice
    case noMetric
    case duplicateModel(String)
    case unknownModel(String)
    case duplicateFeature(String)
    case unknownSlice([String])
    case emptyThreshold(String)
    case impossibleThreshold(String)
  }

  public let code: Code
  /// Where in the configuration the value stands, such as `evaluate.metrics[2]`.
  public let location: String
  /// The nearest known name, for an unknown one.
  public let suggestion: String?

  init(_ code: Code, at location: String, suggestion: String? = nil) {
    self.code = code
    self.location = location
    self.suggestion = suggestion
  }

  public var description: String { "\(location): \(reason)" }

  /// What is wrong, without the place.
  public var reason: String { text + (suggestion.map { "; did you mean '\($0)'?" } ?? "") }

  private var text: String {
    switch code {
    case .unknownMetric(let name): "no metric is named '\(name)'"
    case .refusedMetric(let name, let reason): "'\(name)' is no metric here: \(reason)"
    case .duplicateMetric(let name):
      "two metrics are named '\(name)'; give one the parameter 'name'"
    case .unknownParameter(let metric, let name): "'\(metric)' has no parameter '\(name)'"
    case .badParameter(let metric, let name, let expected):
      "parameter '\(name)' of '\(metric)' must be \(expected)"
    case .needsCompatibility(let metric, let name):
      "parameter '\(name)' of '\(metric)' needs 'compat: tfma'"
    case .missingParameter(let metric, let name): "'\(metric)' needs the parameter '\(name)'"
    case .notForClasses(let name):
      "'\(name)' needs one score a row, but the prediction is a list: name class_ids, k_list or "
        + "top_k_list, or aggregate over classes"
    case .notForScalars(let name):
      "'\(name)' needs a list with a score for each class, but the prediction is one number"
    case .notForTexts(let name): "'\(name)' needs numbers, but the prediction is a text"
    case .needsTexts(let name):
      "'\(name)' compares texts, but the prediction is a number or a list of numbers"
    case .notForImages(let name):
      "'\(name)' needs a number, but label and prediction are lists that other metrics take for the "
        + "boxes or masks of images"
    case .needsImages(let name):
      "'\(name)' needs lists of numbers: boxes end to end (left, top, right, bottom, class, and of "
        + "predictions score), or the class of each pixel"
    case .needsAttributions(let name):
      "'\(name)' needs 'attributions': for each feature the column of its attribution"
    case .notForTopK(let name):
      "'\(name)' is not known for the top k; metrics of the four counts without a threshold are"
    case .manySubKeys(let name):
      "'\(name)' takes one of 'class_id', 'k' and 'top_k'"
    case .needsClassCount(let name):
      "'\(name)' must know how many classes there are: give 'classes'"
    case .needsBaseline(let name):
      "'\(name)' compares models: name one of several models as 'baseline'"
    case .needsQuery(let name): "'\(name)' ranks the rows of each query: give 'query'"
    case .notByQuery(let name): "'\(name)' is not known by query"
    case .badAggregation(let name):
      "'\(name)' cannot be aggregated: name class_ids, class_weights or 'classes', and a metric "
        + "that is a number"
    case .badConfiguration(let text): text
    case .noModel: "no prediction is given"
    case .noSlice: "the list of slices is empty; write [[]] for the overall slice"
    case .noMetric: "no metric and no plot is asked for"
    case .duplicateModel(let name): "two models are named '\(name)'"
    case .unknownModel(let name): "no model is named '\(name)'"
    case .duplicateFeature(let name): "the feature '\(name)' is named twice"
    case .unknownSlice(let features): "no slicing spec makes slices of \(features)"
    case .emptyThreshold(let name): "the threshold of '\(name)' has neither bound nor a change"
    case .impossibleThreshold(let name):
      "the threshold of '\(name)' has a lower bound above its upper bound, or a bound that is NaN"
    }
  }
}
