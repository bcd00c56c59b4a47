import Dataflow
import Expressions

/// What the rows of an evaluation are looked at as: a model's whole prediction, one class of it, or
/// a comparison with the baseline.
struct RowView: Hashable, Sendable {
  var model: Int
  var subKey: SubKey?
  var boxes: BoxMatching?
  var isWeighted: Bool
  var isComparison = false
}

/// The row expressions that an evaluation sums, for one view.
///
/// A row is *usable* when its label, prediction and weight are present and not NaN, the weight is
/// finite and not negative and, where a metric needs it, the label is in `[0, 1]`. Where one of
/// them is missing the test is missing or false, and so is each input: missing inputs are not
/// summed, and those of unusable rows are 0.
struct RowInputs {
  let label: Expression
  let prediction: Expression
  /// `nil` for weight 1.
  let weight: Expression?
  private let baseline: Expression?
  private let wholeLabel: Expression
  /// The scores of all classes, if the model gives these.
  private let classScores: Expression?
  /// The k of a view of the k greatest scores.
  private let topK: Int?
  private let boxes: BoxMatching?
  private let usable: Expression
  private let attributions: [EvaluationSpec.Attribution]
  /// The same, whatever the label.
  private let usableWithoutLabel: Expression

  init(_ spec: EvaluationSpec, _ view: RowView, needsUnitLabels: Bool) {
    attributions = spec.attributions
    let model = spec.models[view.model]
    let whole = model.label ?? spec.label
    let weight = view.isWeighted ? (model.weight ?? spec.weight) : nil
    self.weight = weight.map { Expression.of("float", $0) }
    baseline = view.isComparison ? spec.baselineModel?.prediction : nil
    wholeLabel = whole
    classScores = model.shape == .classes ? model.prediction : nil
    boxes = view.boxes
    topK = if case .topK(let k)? = view.subKey { k } else { nil }
    switch view.subKey {
    case .classID(let id)?:
      label = .of("class_label", whole, .integer(Int64(id)))
      prediction = .of("element", model.prediction, .integer(Int64(id)))
    case .k(let k)?:
      let k = Expression.integer(Int64(k))
      label = .of("class_label", whole, .of("ranked_index", model.prediction, k))
      prediction = .of("ranked_value", model.prediction, k)
    case .topK where model.shape == .classes, nil where model.shape == .classes:
      label = .of("float", .of("class_of", whole))
      prediction = .of("ranked_value", model.prediction, .integer(1))
    case nil where model.shape.isWhole:
      label = whole
      prediction = model.prediction
    default:
      label = .of("float", whole)
      prediction = .of("float", model.prediction)
    }
    let isUnit = needsUnitLabels && model.shape == .scalar
    var labelTest =
      isUnit ? Self.isBetween(label, 0, 1) : Self.isBetween(label, -.infinity, .infinity)
    var tests = [Self.isBetween(prediction, -.infinity, .infinity)]
    if model.shape.isWhole {
      labelTest = .of("not", .of("is_missing", label))
      tests = [.of("not", .of("is_missing", prediction))]
    }
    if model.shape == .boxes {
      // Missing for what are no boxes, whatever the class.
      labelTest = .of("not", .of("is_missing", .of("box_counts", label, prediction, .integer(0))))
    } else if model.shape == .masks {
      labelTest = .of("equal", .of("length", label), .of("length", prediction))
    }
    if let baseline, model.shape == .scalar {
      tests.append(Self.isBetween(.of("float", baseline), -.infinity, .infinity))
    }
    if let weight = self.weight {
      tests.append(Self.isBetween(weight, 0, .greatestFiniteMagnitude))
    }
    usable = tests.reduce(labelTest) { .of("and", $0, $1) }
    usableWithoutLabel = tests.dropFirst().reduce(tests[0]) { .of("and", $0, $1) }
  }

  /// An integer, as those are cheaper to sum.
  private static let one = Expression.integer(1)

  /// What is summed for `quantity`.
  func expression(for quantity: SumQuantity) -> Expression {
    if let boxes, let decision = quantity.decision {
      return gated(weighted(boxes.count(of: decision, label, prediction)))
    }
    if let topK, let classScores, let cell = quantity.cell {
      return gated(weighted(count(of: cell, classScores, topK)))
    }
    switch quantity {
    case .examples: return gated(Self.one)
    case .weight: return gated(weight ?? Self.one)
    case .label: return gated(positives)
    case .prediction: return gated(weighted(prediction))
    case .logLoss(let smoothing): return gated(weighted(logLoss(smoothing)))
    case .squaredError: return gated(weighted(.of("squared_error", label, prediction)))
    case .truePositives(let threshold): return gated(isAbove(threshold), positives)
    case .falsePositives(let threshold): return gated(isAbove(threshold), negatives)
    case .trueNegatives(let threshold): return gated(.of("not", isAbove(threshold)), negatives)
    case .falseNegatives(let threshold): return gated(.of("not", isAbove(threshold)), positives)
    case .correct(let threshold):
      return gated(.of("where", isAbove(threshold), positives, negatives))
    case .formula(let text): return gated(weighted(filledIn(text)))
    case .attribution(let name, let isAbsolute):
      guard let found = attributions.first(where: { $0.feature == name }) else {
        preconditionFailure("no attribution of '\(name)'")
      }
      let value = Expression.of("float", found.value)
      return gated(weighted(isAbsolute ? .of("abs", value) : value))
    case .feature(let name): return gated(Self.isFinite(name), weighted(Self.number(name)))
    case .featureWeight(let name): return gated(Self.isFinite(name), weight ?? Self.one)
    case .count(let text): return gated(filledIn(text))
    case .cosine: return gated(weighted(filledIn(cosine)))
    case .withoutCosine:
      return gated(weighted(filledIn("where(is_nan(\(cosine)), 1.0, 0.0)")))
    }
  }

  /// What is summed for `quantity` over predictions without a label: `labelled` says which rows
  /// have one.
  func expression(for quantity: MissingQuantity, labelled: Expression) -> Expression {
    let one = weight ?? Self.one
    let zero: Expression = weight == nil ? .integer(0) : .number(0)
    let value: Expression =
      switch quantity {
      case .examples: Self.one
      case .weight: one
      case .prediction: weighted(prediction)
      case .above(let threshold): .of("where", isAbove(threshold), one, zero)
      }
    let counted = Expression.of("where", labelled, .of("subtract", .integer(0), value), value)
    return .of("where", usableWithoutLabel, counted, .integer(0))
  }

  /// What a score histogram reads: label, prediction and, if there is one, the weight; of boxes, lists
  /// of the first two.
  var scoreInputs: [Expression] {
    if let boxes {
      let lists = ["box_labels", "box_scores"].map { boxes.call($0, label, prediction) }
      guard weight != nil || boxes.weight != 1 else { return lists }
      let one = expression(for: .weight)
      return lists + [boxes.weight == 1 ? one : .of("multiply", one, .number(boxes.weight))]
    }
    return weight == nil
      ? [label, prediction] : [label, prediction, expression(for: .weight)]
  }

  /// What a sample reads: the order in which rows are drawn, missing for those that cannot be, and
  /// the column.
  func inputs(of sample: RowSample) -> [Expression] {
    let row = Expression.column(RowIdentity.columnName)
    var order = Expression.of("sample_order", row)
    var test = usable
    switch sample.kind {
    case .all: if let weight { order = .of("sample_order", row, weight) }
    case .falsePositives(let threshold):
      test = .of("and", .of("and", usable, isAbove(threshold)), .of("less", label, .number(1)))
    case .falseNegatives(let threshold):
      let isBelow = Expression.of("not", isAbove(threshold))
      test = .of("and", .of("and", usable, isBelow), .of("greater", label, .number(0)))
    }
    return [.of("where", test, order, .number(.nan)), .column(sample.column)]
  }

  /// The formula with its names bound to this view.
  private func filledIn(_ text: String) -> Expression {
    let formula: Formula
    do {
      formula = try Formula(text)
    } catch {
      preconditionFailure("the metric's formula '\(text)': \(error)")
    }
    var names = ["y": label, "p": prediction, "labels": wholeLabel]
    if let classScores {
      names["y"] = .of("class_of", wholeLabel)
      names["p"] = classScores
    }
    if let baseline { names["b"] = classScores == nil ? .of("float", baseline) : baseline }
    return formula.expression.substituting(names)
  }

  /// How much of the classes is in `cell` when those of the `k` greatest scores are predicted.
  private func count(of cell: ConfusionCell, _ scores: Expression, _ k: Int) -> Expression {
    func hits(_ k: Int) -> Expression { .of("top_k_hits", wholeLabel, scores, .integer(Int64(k))) }
    let all = Expression.of("length", scores)
    let predicted = Expression.of("minimum", all, .integer(Int64(k)))
    let everyHit = hits(Int(Int32.max))
    switch cell {
    case .tp: return hits(k)
    case .fp: return .of("subtract", predicted, hits(k))
    case .fn: return .of("subtract", everyHit, hits(k))
    case .tn:
      let missed = Expression.of("subtract", everyHit, hits(k))
      return .of("subtract", .of("subtract", all, predicted), missed)
    }
  }

  private var cosine: String {
    classScores == nil ? "p * b / (abs(p) * abs(b))" : "cosine_similarity(p, b)"
  }

  private var positives: Expression { weighted(label) }
  private var negatives: Expression { weighted(.of("subtract", .number(1), label)) }

  /// The log loss (`log_loss` takes 0·∞ as 0); −∞, which no loss is, marks a prediction that is
  /// no probability.
  private func logLoss(_ smoothing: Double) -> Expression {
    let target: Expression =
      smoothing == 0
      ? label
      : .of(
        "add", .of("multiply", label, .number(1 - smoothing)), .number(smoothing / 2))
    let isProbability = Self.isBetween(prediction, 0, 1)
    return .of(
      "where", isProbability, .of("log_loss", target, prediction), .number(-.infinity))
  }

  /// False for NaN.
  private static func isBetween(
    _ value: Expression, _ low: Double, _ high: Double
  ) -> Expression {
    .of("between", value, .number(low), .number(high))
  }

  private static func number(_ column: String) -> Expression { .of("float", .column(column)) }

  private static func isFinite(_ column: String) -> Expression {
    isBetween(number(column), -.greatestFiniteMagnitude, .greatestFiniteMagnitude)
  }

  private func isAbove(_ threshold: Double) -> Expression {
    .of("greater", prediction, .number(threshold))
  }

  private func weighted(_ value: Expression) -> Expression {
    weight.map { .of("multiply", $0, value) } ?? value
  }

  private func gated(_ value: Expression) -> Expression {
    .of("where", usable, value, value == Self.one ? .integer(0) : .number(0))
  }

  private func gated(_ condition: Expression, _ value: Expression) -> Expression {
    .of("where", .of("and", usable, condition), value, .number(0))
  }
}

extension Expression {
  /// A call with positional arguments.
  static func of(_ function: String, _ arguments: Expression...) -> Expression {
    .call(function, arguments.map { Argument($0) })
  }
}

extension ModelOutput.Shape {
  /// Whether label and prediction are compared as a whole.
  fileprivate var isWhole: Bool { self == .text || self == .boxes || self == .masks }
}

extension BoxMatching {
  /// A function of boxes over `label` and `prediction`.
  fileprivate func call(
    _ function: String, _ label: Expression, _ prediction: Expression, threshold: Double? = nil
  ) -> Expression {
    let limit = Int64(Int32.max)
    var arguments: [Expression] = [
      label, prediction, .integer(Int64(classID)), .number(leastOverlap),
      .number(areas.lowerBound), .number(areas.upperBound),
      .integer(most.map { Int64($0) } ?? limit), used.map { .column($0) } ?? .integer(limit),
    ]
    if let threshold { arguments.append(.number(threshold)) }
    return .call(function, arguments.map { Expression.Argument($0) })
  }

  fileprivate func count(
    of decision: (cell: ConfusionCell, threshold: Double), _ label: Expression,
    _ prediction: Expression
  ) -> Expression {
    let place: Int64 =
      switch decision.cell {
      case .tp: 0
      case .fp: 1
      case .tn: 2
      case .fn: 3
      }
    let counts = call("box_counts", label, prediction, threshold: decision.threshold)
    let count = Expression.of("element", counts, .integer(place))
    return weight == 1 ? count : .of("multiply", count, .number(weight))
  }
}
