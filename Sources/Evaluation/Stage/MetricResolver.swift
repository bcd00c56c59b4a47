import Expressions

/// Turns the metrics asked for into computations over views of the rows.
struct MetricResolver {
  let spec: EvaluationSpec
  /// Each metric once it is known, model by model.
  private(set) var resolved: [Resolved] = []
  private var keys: Set<MetricKey> = []

  /// A metric of one model, before its sums have places.
  struct Resolved {
    var key: MetricKey
    var model: Int
    var computation: MetricComputation
    var parts: [(view: RowView, weight: Double)]
    var combination: MetricCombination
    var needsUnitLabels: Bool
    var query: Expression?
    /// What ranked rows gain, if not their label.
    var gain: Expression?
  }

  init(_ spec: EvaluationSpec) throws(EvaluationError) {
    self.spec = spec
    for index in spec.models.indices {
      for (position, request) in spec.metrics.enumerated() {
        try add(request, model: index, at: request.location ?? "evaluate.metrics[\(position)]")
      }
    }
    addDifferences()
  }

  private mutating func add(
    _ request: MetricRequest, model index: Int, at location: String
  ) throws(EvaluationError) {
    let model = spec.models[index]
    guard request.models?.contains(model.name) ?? true,
      request.outputs?.contains(model.output) ?? true
    else { return }
    let (definition, request, computations) = try MetricCatalog.resolve(
      request, compatibility: spec.compatibility, classCount: spec.classCount,
      attributed: spec.attributions.map(\.feature), at: location)
    if computations.isEmpty, definition.isAboutAttributions {
      throw EvaluationError(.needsAttributions(request.outputName), at: location)
    }
    let name = request.outputName
    let hasWeight = (model.weight ?? spec.weight) != nil
    let isWeighted =
      hasWeight && request.isWeighted && definition.usesWeights(spec.compatibility)
    if definition.task == .comparison {
      guard let baseline = spec.baseline else {
        throw EvaluationError(.needsBaseline(name), at: location)
      }
      if baseline == model.name { return }
    }
    if request.query == nil { try check(request, definition, model, at: location) }
    for computation in computations {
      for (subKey, aggregation, parts) in try views(request, computation, at: location) {
        var entry = Resolved(
          key: MetricKey(
            name: computation.name ?? name + computation.suffix, model: model.name,
            output: model.output, subKey: computation.subKey ?? subKey, aggregation: aggregation,
            isWeighted: isWeighted, isDiff: definition.task == .comparison),
          model: index, computation: computation,
          parts: parts.map {
            // What is weighed decides which rows are usable, so counts of rows are weighed too.
            (
              RowView(
                model: index, subKey: $0.subKey, boxes: $0.boxes,
                isWeighted: hasWeight && request.isWeighted && !computation.ignoresWeights,
                isComparison: definition.task == .comparison), $0.weight
            )
          },
          combination: computation.boxes.count > 1
            ? .meanOfKnown : aggregation.map(MetricCombination.init) ?? .one,
          needsUnitLabels: request.query == nil && definition.task == .binary && subKey == nil
            && aggregation == nil)
        entry.query = request.query
        if case .text(let name)? = request.parameters["gain_key"] { entry.gain = .column(name) }
        if entry.query != nil, aggregation != nil || !computation.isKnownByQuery(subKey) {
          throw EvaluationError(.notByQuery(name), at: location)
        }
        guard keys.insert(entry.key).inserted else {
          if isKnown(entry) { continue }
          throw EvaluationError(.duplicateMetric(entry.key.name), at: location)
        }
        resolved.append(entry)
      }
    }
  }

  /// Whether a member of a family is asked for on its own too.
  private func isKnown(_ entry: Resolved) -> Bool {
    resolved.contains {
      $0.key == entry.key && $0.computation.sums == entry.computation.sums
        && ($0.computation.name != nil || entry.computation.name != nil)
    }
  }

  /// Whether the metric goes with the shape of the predictions.
  private func check(
    _ request: MetricRequest, _ definition: MetricDefinition, _ model: ModelOutput,
    at location: String
  ) throws(EvaluationError) {
    let name = request.outputName
    let hasPart = !request.subKeys.isEmpty || request.aggregation != nil
    switch (definition.task, model.shape) {
    case (.queries, _): throw EvaluationError(.needsQuery(name), at: location)
    case (.texts, .text), (.same, .text), (.any, _), (.boxes, .boxes), (.masks, .masks): break
    case (.boxes, _), (.masks, _): throw EvaluationError(.needsImages(name), at: location)
    case (_, .boxes), (_, .masks): throw EvaluationError(.notForImages(name), at: location)
    case (_, .text): throw EvaluationError(.notForTexts(name), at: location)
    case (.texts, _): throw EvaluationError(.needsTexts(name), at: location)
    case (.same, .classes): throw EvaluationError(.notForClasses(name), at: location)
    case (.classes, .scalar): throw EvaluationError(.notForScalars(name), at: location)
    case (_, .scalar) where hasPart: throw EvaluationError(.notForScalars(name), at: location)
    case (.binary, .classes) where !hasPart, (.regression, .classes) where !hasPart:
      throw EvaluationError(.notForClasses(name), at: location)
    case (.comparison, .classes) where definition.name != "model_cosine_similarity":
      throw EvaluationError(.notForClasses(name), at: location)
    case (.classes, _) where definition.needsClassCount && spec.classCount == 0:
      throw EvaluationError(.needsClassCount(name), at: location)
    default: break
    }
    let hasTopK = request.subKeys.contains { if case .topK = $0 { true } else { false } }
    if hasTopK,
      !definition.isCountedInTopK || request.parameters["thresholds"] != nil
        || request.parameters["threshold"] != nil
    {
      throw EvaluationError(.notForTopK(name), at: location)
    }
  }

  private typealias Part = (subKey: SubKey?, boxes: BoxMatching?, weight: Double)

  /// One entry for each sub-key, and one for the aggregate over classes.
  private func views(
    _ request: MetricRequest, _ computation: MetricComputation, at location: String
  ) throws(EvaluationError) -> [(SubKey?, AggregationType?, [Part])] {
    if !computation.boxes.isEmpty {
      if !request.subKeys.isEmpty || request.aggregation != nil {
        throw EvaluationError(.badAggregation(request.outputName), at: location)
      }
      return [(nil, nil, computation.boxes.map { (nil, $0, 1) })]
    }
    var entries: [(SubKey?, AggregationType?, [Part])] = request.subKeys.map {
      ($0, nil, [($0, nil, 1)])
    }
    if let aggregation = request.aggregation {
      let classes = aggregated(request.subKeys, aggregation)
      let hasTopK = classes.contains { if case .topK = $0 { true } else { false } }
      if classes.isEmpty || hasTopK {
        throw EvaluationError(.badAggregation(request.outputName), at: location)
      }
      entries.append(
        (nil, aggregation.type, classes.map { ($0, nil, aggregation.weight(of: $0)) }))
    }
    return entries.isEmpty ? [(nil, nil, [(nil, nil, 1)])] : entries
  }

  /// What an aggregate is over: the sub-keys, the classes with weights, or all classes; to TFMA the
  /// sub-keys are no choice of classes.
  private func aggregated(_ subKeys: [SubKey], _ aggregation: MetricRequest.Aggregation) -> [SubKey]
  {
    let weighted = aggregation.classWeights.keys.sorted().map(SubKey.classID)
    let all = (0..<spec.classCount).map(SubKey.classID)
    let choices =
      spec.compatibility == .tfma ? [weighted, all, subKeys] : [subKeys, weighted, all]
    return choices.first { !$0.isEmpty } ?? []
  }

  /// The difference between each model and the baseline, for every metric that both have.
  private mutating func addDifferences() {
    guard let baseline = spec.baseline else { return }
    let places = Dictionary(uniqueKeysWithValues: resolved.enumerated().map { ($1.key, $0) })
    for (index, entry) in resolved.enumerated() where entry.key.model != baseline {
      var twin = entry.key
      twin.model = baseline
      guard !entry.key.isDiff, entry.computation.sample == nil, let other = places[twin] else {
        continue
      }
      var difference = entry
      difference.key.isDiff = true
      difference.parts = []
      difference.combination = .difference(index, minus: other)
      resolved.append(difference)
    }
  }
}

extension MetricDefinition {
  /// Whether it is a formula over the four counts, which are known for the k greatest scores.
  fileprivate var isCountedInTopK: Bool {
    Self.confusionMetrics.contains { $0.name == name }
  }

  /// Whether it has a sum for every class.
  fileprivate var needsClassCount: Bool {
    (Self.multiClassMatrices + [Self.multiLabelMatrix]).contains { $0.name == name }
  }
}
