import Columns

/// Losses of one example, given its label and prediction.
enum Loss: String, Sendable {
  case log = "log_loss"
  case squared = "squared_error"
}

extension RowFunction {
  /// A factor of 0 makes its term 0, whatever the logarithm; nothing is clipped, so a sure and
  /// wrong prediction costs +inf.
  static let logLoss = loss(.log, "−y ln p − (1 − y) ln(1 − p), not clipped")
  static let squaredError = loss(.squared, "(label − prediction)²")

  private static func loss(_ loss: Loss, _ summary: String) -> RowFunction {
    RowFunction(loss.rawValue, [.required("label"), .required("prediction")], summary) { site in
      _ = try site.number(0)
      _ = try site.number(1)
      return CompiledCall(type: .float64, inputs: [0, 1], kernel: LossKernel(loss: loss))
    }
  }
}

struct LossKernel: RowKernel {
  let loss: Loss

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let label = inputs[0].doubles()
    let prediction = inputs[1].doubles()
    let values =
      switch loss {
      case .log where Self.areUnits(label):
        // No branch on what is hard to predict, and one logarithm: the other term is 0.
        combined(label, prediction) { 0 - NaturalLogarithm.of($0 == 1 ? $1 : 1 - $1) }
      case .log: combined(label, prediction, Self.logLoss)
      case .squared: combined(label, prediction) { ($0 - $1) * ($0 - $1) }
      }
    return .float64(Float64Column(values, validity: inputs.commonValidity(rowCount)))
  }

  /// Whether each label is 0 or 1; no branches, as which it is is hard to foretell.
  private static func areUnits(_ labels: [Double]) -> Bool {
    var left: UInt64 = 0
    for label in labels { left |= (label * (1 - label)).bitPattern &<< 1 }
    return left == 0
  }

  private static func logLoss(_ label: Double, _ prediction: Double) -> Double {
    let positive = label == 0 ? 0 : -label * NaturalLogarithm.of(prediction)
    let negative = label == 1 ? 0 : -(1 - label) * NaturalLogarithm.of(1 - prediction)
    return positive + negative
  }
}
