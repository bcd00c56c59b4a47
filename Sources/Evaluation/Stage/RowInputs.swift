import Expressions

/// The row expressions that an evaluation sums, for one model.
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
  private let usable: Expression

  init(_ spec: EvaluationSpec, model: ModelOutput, needsUnitLabels: Bool) {
    let label = Expression.of("float", spec.label)
    let prediction = Expression.of("float", model.prediction)
    let weight = spec.weight.map { Expression.of("float", $0) }
    var tests: [Expression]
    if needsUnitLabels {
      tests = [Self.isBetween(label, 0, 1)]
    } else {
      tests = [Self.isBetween(label, -.infinity, .infinity)]
    }
    tests.append(Self.isBetween(prediction, -.infinity, .infinity))
    if let weight { tests.append(Self.isBetween(weight, 0, .greatestFiniteMagnitude)) }
    self.label = label
    self.prediction = prediction
    self.weight = weight
    usable = tests.dropFirst().reduce(tests[0]) { .of("and", $0, $1) }
  }

  /// An integer, as those are cheaper to sum.
  private static let one = Expression.integer(1)

  /// What is summed for `quantity`.
  func expression(for quantity: SumQuantity) -> Expression {
    switch quantity {
    case .examples: gated(Self.one)
    case .weight: gated(weight ?? Self.one)
    case .label: gated(positives)
    case .prediction: gated(weighted(prediction))
    case .logLoss(let smoothing): gated(weighted(logLoss(smoothing)))
    case .squaredError: gated(weighted(.of("squared_error", label, prediction)))
    case .truePositives(let threshold): gated(isAbove(threshold), positives)
    case .falsePositives(let threshold): gated(isAbove(threshold), negatives)
    case .trueNegatives(let threshold): gated(.of("not", isAbove(threshold)), negatives)
    case .falseNegatives(let threshold): gated(.of("not", isAbove(threshold)), positives)
    case .correct(let threshold):
      gated(.of("where", isAbove(threshold), positives, negatives))
    }
  }

  /// What a score histogram reads: label, prediction and, if there is one, the weight.
  var scoreInputs: [Expression] {
    weight == nil ? [label, prediction] : [label, prediction, expression(for: .weight)]
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
