import Accumulators

/// Which boxes of the images are looked at, and when one counts as found.
struct BoxMatching: Hashable, Sendable {
  var classID: Int
  /// The least intersection over union of a match.
  var leastOverlap = 0.5
  var areas: ClosedRange<Double> = 0 ... .greatestFiniteMagnitude
  /// How many boxes of the class count in an image, the greatest scores first.
  var most: Int?
  /// The column that says how many of all found boxes count, the first ones.
  var used: String?
  /// What every box weighs, besides the weight of its image.
  var weight = 1.0

  init(
    _ classID: Int, leastOverlap: Double, weight: Double = 1, _ arguments: MetricArguments
  ) {
    self.classID = classID
    self.leastOverlap = leastOverlap
    self.weight = weight
    if let areas = arguments.numbers("area_range"), areas.count == 2, areas[0] <= areas[1] {
      self.areas = areas[0]...areas[1]
    }
    if let most = arguments.numbers("max_num_detections") { self.most = Int(most[0]) }
    let used = arguments.text("num_detections_key", default: "")
    self.used = used.isEmpty ? nil : used
  }

  /// Of one class, by the parameters of the metric or plot.
  init(_ arguments: MetricArguments) {
    self.init(
      Int(arguments.number("class_id", default: 0)),
      leastOverlap: arguments.number("iou_threshold", default: 0.5),
      weight: arguments.number("class_weight", default: 1), arguments)
  }

  static let parameters =
    [
      MetricParameter("class_id", .integer(0...100_000), default: "required", isRequired: true),
      MetricParameter("iou_threshold", .number(0...1), default: "0.5"),
      MetricParameter("class_weight", .number(0...1e300), default: "1"),
    ] + shared

  /// What those of one class and of several take.
  fileprivate static let shared = [
    MetricParameter("area_range", .numbers(0 ... .greatestFiniteMagnitude), default: "all"),
    MetricParameter("max_num_detections", .integer(1...100_000), default: "all"),
    MetricParameter("num_detections_key", .text, default: "all"),
  ]
}

extension MetricDefinition {
  /// Metrics of boxes in images.
  ///
  /// Source: TFMA `object_detection_confusion_matrix_metrics.py`, `object_detection_metrics.py`.
  static let boxMetrics: [MetricDefinition] =
    [
      boxed("object_detection_precision", of: "precision"),
      boxed("object_detection_recall", of: "recall"),
      boxed("object_detection_precision_at_recall", of: "precision_at_recall"),
      boxed("object_detection_threshold_at_recall", of: "threshold_at_recall"),
      boxed("object_detection_max_recall", of: "max_recall"),
    ] + [
      coco("coco_average_precision", "mean precision over recalls", isOfMany: false, precision),
      coco(
        "coco_mean_average_precision", "its mean over classes and overlaps", isOfMany: true,
        precision),
      coco(
        "coco_average_recall", "mean over overlaps of the greatest recall", isOfMany: false, recall),
      coco("coco_mean_average_recall", "its mean over classes", isOfMany: true, recall),
    ]

  /// A metric of scores and labels, over boxes.
  private static func boxed(_ name: String, of base: String) -> MetricDefinition {
    let all = confusionMetrics + operatingPoints + [maxRecall]
    guard let definition = all.first(where: { $0.name == base }) else {
      preconditionFailure("no metric is named \(base)")
    }
    return MetricDefinition(
      name, "\(definition.summary), of the boxes of one class", task: .boxes,
      parameters: BoxMatching.parameters + definition.parameters
    ) { arguments in
      var computation = definition.compute(arguments)[0]
      computation.boxes = [BoxMatching(arguments)]
      computation.subKey = .classID(Int(arguments.number("class_id", default: 0)))
      return computation
    }
  }

  /// A mean over classes and overlaps, those left out for which there is no value.
  private static func coco(
    _ name: String, _ summary: String, isOfMany: Bool,
    _ compute: @escaping @Sendable (MetricArguments) -> MetricComputation
  ) -> MetricDefinition {
    let isOverlapList = name != "coco_average_precision"
    var parameters = BoxMatching.shared
    parameters.append(
      isOfMany
        ? MetricParameter("class_ids", .numbers(0...100_000), default: "required", isRequired: true)
        : BoxMatching.parameters[0])
    parameters.append(
      isOfMany
        ? MetricParameter("class_weights", .numbers(0...1e300), default: "1")
        : BoxMatching.parameters[2])
    parameters.append(
      isOverlapList
        ? MetricParameter("iou_thresholds", .numbers(0...1), default: "0.5, 0.55 … 0.95")
        : BoxMatching.parameters[1])
    if name.hasSuffix("precision") {
      parameters += [
        MetricParameter("recalls", .numbers(0...1), default: "0, 0.01 … 1"),
        MetricParameter("num_recalls", .integer(2...10_000), default: "101"),
        MetricParameter(
          "num_thresholds", .integer(2...50_000), default: "10000", needsCompatibility: true),
      ]
    }
    return MetricDefinition(
      name, "\(summary), of boxes", task: .boxes, parameters: parameters
    ) { arguments in
      let classes = arguments.numbers(isOfMany ? "class_ids" : "class_id") ?? []
      let weights = arguments.numbers(isOfMany ? "class_weights" : "class_weight") ?? []
      let overlaps =
        isOverlapList
        ? arguments.numbers("iou_thresholds") ?? (0...9).map { 0.5 + Double($0) * (0.45 / 9) }
        : [arguments.number("iou_threshold", default: 0.5)]
      var computation = compute(arguments)
      // TFMA says in the key that they weigh, and loses the weights on the way.
      computation.ignoresWeights = arguments.compatibility == .tfma
      computation.boxes = overlaps.flatMap { overlap in
        classes.enumerated().map { place, id in
          BoxMatching(
            Int(id), leastOverlap: overlap, weight: place < weights.count ? weights[place] : 1,
            arguments)
        }
      }
      return computation
    }
  }

  private static let recall: @Sendable (MetricArguments) -> MetricComputation = {
    maxRecall.compute($0)[0]
  }

  /// The mean of the greatest precisions at given recalls, over thresholds above 0.
  private static let precision: @Sendable (MetricArguments) -> MetricComputation = { arguments in
    let count = Int(arguments.number("num_recalls", default: 101))
    let recalls =
      arguments.numbers("recalls") ?? (0..<count).map { Double($0) * (1 / Double(count - 1)) }
    let point = OperatingPoint(name: "", constraint: .recall, target: .precision)
    var computation = MetricComputation(scores: { scores in
      let curve = ScoreCurve(scores).withoutScoresOfZero(scores)
      let values = recalls.map { point.best(curve, wanted: $0, arguments.compatibility) }
      let known = values.compactMap(\.value.number).filter { !$0.isNaN }
      let mean = known.reduce(0, +) / Double(known.count)
      let bounds = values.compactMap(\.bound)
      return BoundedValue(
        .number(mean), bound: bounds.isEmpty ? nil : bounds.reduce(0, +) / Double(values.count))
    })
    if arguments.compatibility == .tfma {
      computation.binning = .thresholds(Int(arguments.number("num_thresholds", default: 10_000)))
    }
    return computation
  }
}
