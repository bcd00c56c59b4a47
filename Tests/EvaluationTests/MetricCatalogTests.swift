import Accumulators
import Expressions
import Testing

@testable import Evaluation

@Suite struct MetricCatalogTests {
  private func spec(_ change: (inout EvaluationSpec) -> Void) -> EvaluationSpec {
    var spec = EvaluationSpec(
      label: .column("y"), models: [ModelOutput(prediction: .column("p"))],
      metrics: [MetricRequest("auc")])
    change(&spec)
    return spec
  }

  private struct Case: CustomTestStringConvertible, Sendable {
    let message: String
    let change: @Sendable (inout EvaluationSpec) -> Void
    var testDescription: String { message }

    init(_ message: String, _ change: @escaping @Sendable (inout EvaluationSpec) -> Void) {
      self.message = message
      self.change = change
    }
  }

  private static let cases: [Case] = [
    Case("evaluate.metrics[1]: no metric is named 'recal'; did you mean 'recall'?") {
      $0.metrics.append(MetricRequest("recal"))
    },
    Case("evaluate.metrics[1]: 'auc_plot' is no metric here: a plot: use plots: [roc]") {
      $0.metrics.append(MetricRequest("auc_plot"))
    },
    Case("evaluate.metrics[1]: 'coco_average_recall' needs the parameter 'class_id'") {
      $0.metrics.append(MetricRequest("coco_average_recall"))
    },
    Case(
      "evaluate.metrics[1]: 'coco_average_recall' needs lists of numbers: boxes end to end (left, "
        + "top, right, bottom, class, and of predictions score), or the class of each pixel"
    ) {
      $0.metrics.append(MetricRequest("coco_average_recall", ["class_id": .number(1)]))
    },
    Case("evaluate.metrics[0]: 'recall' has no parameter 'treshold'; did you mean 'threshold'?") {
      $0.metrics = [MetricRequest("recall", ["treshold": .number(0.5)])]
    },
    Case(
      "evaluate.metrics[0]: parameter 'threshold' of 'recall' must be a number in \(thresholdRange)"
    ) {
      $0.metrics = [MetricRequest("recall", ["threshold": .text("high")])]
    },
    Case("evaluate.metrics[0]: parameter 'num_thresholds' of 'auc' needs 'compat: tfma'") {
      $0.metrics = [MetricRequest("auc", ["num_thresholds": .number(200)])]
    },
    Case("evaluate.metrics[1]: two metrics are named 'auc'; give one the parameter 'name'") {
      $0.metrics.append(MetricRequest("auc", ["curve": .text("PR")]))
    },
    Case("evaluate.prediction: no prediction is given") { $0.models = [] },
    Case("evaluate.slices: the list of slices is empty; write [[]] for the overall slice") {
      $0.slices = []
    },
    Case("evaluate.metrics: no metric and no plot is asked for") { $0.metrics = [] },
    Case("evaluate.slices[0]: the feature 'a' is named twice") {
      $0.slices = [SlicingSpec(["a"], values: [.init("a", "1")])]
    },
    Case("evaluate.thresholds.au: no metric is named 'au'; did you mean 'auc'?") {
      $0.thresholds = [MetricThreshold("au", lowerBound: 1)]
    },
    Case("evaluate.thresholds.auc: the threshold of 'auc' has neither bound nor a change") {
      $0.thresholds = [MetricThreshold("auc")]
    },
    Case("evaluate.thresholds.auc: no model is named 'x'") {
      $0.thresholds = [MetricThreshold("auc", lowerBound: 0, model: "x")]
    },
    Case("evaluate.thresholds.auc.slices[0]: no slicing spec makes slices of [\"a\"]") {
      $0.thresholds = [MetricThreshold("auc", lowerBound: 0, slices: [SlicingSpec(["a"])])]
    },
  ]

  @Test(arguments: cases) private func `a fault is found before any row`(fault: Case) {
    #expect {
      _ = try EvaluationStage.lower(spec(fault.change), name: "e")
    } throws: {
      ($0 as? EvaluationError)?.description == fault.message
    }
  }

  @Test func `a bound that is NaN or out of order is refused`() {
    for threshold in [
      MetricThreshold("auc", lowerBound: 0.9, upperBound: 0.1),
      MetricThreshold("auc", lowerBound: .nan),
    ] {
      #expect(throws: EvaluationError.self) {
        _ = try EvaluationStage.lower(spec { $0.thresholds = [threshold] }, name: "e")
      }
    }
  }

  @Test func `names are unique and every alias leads to a metric`() {
    let names = MetricCatalog.rows.map(\.name)
    #expect(Set(names).count == names.count)
    for (alias, name) in MetricCatalog.aliases {
      #expect(!names.contains(alias))
      #expect(MetricCatalog.metric(named: alias)?.name == name)
    }
    #expect(MetricCatalog.all.allSatisfy { !$0.summary.isEmpty })
  }

  /// The classes that TFMA 0.52 registers, and those of Keras that its configurations use.
  private static let classes = """
    ExampleCount WeightedExampleCount TruePositives TP TrueNegatives TN FalsePositives FP
    FalseNegatives FN BinaryAccuracy Precision PPV Recall TPR Specificity TNR FallOut FPR MissRate
    FNR NegativePredictiveValue NPV FalseDiscoveryRate FalseOmissionRate Prevalence
    PredictedPositiveRate PrevalenceThreshold ThreatScore BalancedAccuracy F1Score
    MatthewsCorrelationCoefficient FowlkesMallowsIndex Informedness Markedness
    PositiveLikelihoodRatio NegativeLikelihoodRatio DiagnosticOddsRatio AUC AUCPrecisionRecall
    SensitivityAtSpecificity SpecificityAtSensitivity PrecisionAtRecall RecallAtPrecision
    RecallAtFalsePositiveRate ThresholdAtRecall MaxRecall ConfusionMatrixAtThresholds
    FalsePositiveFeatureSampler FalseNegativeFeatureSampler Calibration MeanLabel MeanPrediction
    BinaryCrossEntropy CategoricalCrossEntropy MeanSquaredError MeanAbsoluteError
    MeanAbsolutePercentageError MeanSquaredLogarithmicError SquaredPearsonCorrelation
    CoefficientOfDiscrimination RelativeCoefficientOfDiscrimination Mean NDCG MinLabelPosition
    QueryStatistics MultiClassConfusionMatrixAtThresholds MultiClassConfusionMatrixPlot
    MultiLabelConfusionMatrixPlot ConfusionMatrixPlot CalibrationPlot ScoreDistributionPlot AUCPlot
    SymmetricPredictionDifference BooleanFlipRates SymmetricFlipRate NegToNegFlipRate
    NegToPosFlipRate PosToNegFlipRate PosToPosFlipRate ModelCosineSimilarity FairnessIndicators
    MeanAttributions MeanAbsoluteAttributions TotalAttributions TotalAbsoluteAttributions
    ExactMatch Bleu Rouge SetMatchPrecision SetMatchRecall ObjectDetectionPrecision
    ObjectDetectionRecall ObjectDetectionPrecisionAtRecall ObjectDetectionThresholdAtRecall
    ObjectDetectionMaxRecall ObjectDetectionConfusionMatrixPlot COCOAveragePrecision
    COCOAverageRecall COCOMeanAveragePrecision COCOMeanAverageRecall
    SemanticSegmentationConfusionMatrix SemanticSegmentationTruePositive
    SemanticSegmentationFalsePositive SparseCategoricalAccuracy SparseTopKCategoricalAccuracy
    SparseCategoricalCrossentropy CategoricalAccuracy CategoricalCrossentropy BinaryCrossentropy
    TopKCategoricalAccuracy RootMeanSquaredError Poisson Hinge SquaredHinge LogCoshError Accuracy
    """

  @Test func `every metric of TFMA is supported, or listed with the reason`() {
    let listed = Set(MetricCatalog.rows.map(\.name)).union(MetricCatalog.aliases.keys)
    let names = Self.classes.split(whereSeparator: \.isWhitespace).map { String($0).snakeCased }
    #expect(names.filter { !listed.contains($0) } == [])
    #expect(
      MetricCatalog.refused.allSatisfy { $0.reason.contains("use ") })
  }

  @Test func `ratios of the counts follow their formulas`() throws {
    let (tp, fp, tn, fn) = (7.0, 2.0, 11.0, 5.0)
    let expected: [String: Double] = [
      "precision": tp / (tp + fp), "recall": tp / (tp + fn), "specificity": tn / (tn + fp),
      "fall_out": fp / (fp + tn), "miss_rate": fn / (fn + tp),
      "negative_predictive_value": tn / (tn + fn), "prevalence": (tp + fn) / 25,
      "f1_score": 2 * tp / (2 * tp + fp + fn), "threat_score": tp / (tp + fn + fp),
      "matthews_correlation_coefficient": (tp * tn - fp * fn)
        / ((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)).squareRoot(),
      "diagnostic_odds_ratio": (tp / fn) / (fp / tn),
    ]
    for (name, value) in expected {
      let found = try #require(try compute(name, tp: tp, fp: fp, tn: tn, fn: fn))
      #expect(abs(found - value) <= 1e-15 * abs(value), "\(name)")
    }
  }

  @Test func `every ratio of empty counts is NaN, and counts are 0`() throws {
    for metric in MetricDefinition.confusionMetrics {
      let found = try #require(try compute(metric.name, tp: 0, fp: 0, tn: 0, fn: 0))
      let isCount = metric.name.hasSuffix("positives") || metric.name.hasSuffix("negatives")
      #expect(isCount ? found == 0 : found.isNaN, "\(metric.name)")
    }
  }

  /// The metric of given counts, whichever of them it reads.
  private func compute(
    _ name: String, tp: Double, fp: Double, tn: Double, fn: Double
  ) throws -> Double? {
    let (_, _, computations) = try MetricCatalog.resolve(
      MetricRequest(name), compatibility: .native, at: "test")
    let computation = computations[0]
    let row = computation.sums.map { quantity in
      switch quantity {
      case .truePositives: tp
      case .falsePositives: fp
      case .trueNegatives: tn
      case .falseNegatives: fn
      default: Double.nan
      }
    }
    return computation.value(
      MetricInputs(sums: row)
    ).value.number
  }
}

extension MetricDefinition {
  /// Those that need nothing but a label and a prediction.
  static let plain = MetricCatalog.all.filter { metric in
    [.any, .binary, .regression].contains(metric.task)
      && !metric.parameters.contains(where: \.isRequired) && !metric.isAboutAttributions
  }
}
