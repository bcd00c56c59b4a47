import Columns
public import Dataflow
import Expressions

/// How a whole preprocessing function treats what its formulas leave open.
public struct TransformOptions: Hashable, Sendable {
  /// What NaN and ±inf do to statistics that do not say.
  public var nan: NaNPolicy
  /// Whether results are those of TensorFlow Transform: extremes and sums take NaN and ±inf in, while
  /// means and variances leave them out, and all floats are 32-bit.
  public var isCompatible: Bool

  /// How analyzers that depend on others get their rows.
  public var phases = PhaseStrategy.exact

  public init(nan: NaNPolicy = .skip, isCompatible: Bool = false) {
    self.nan = nan
    self.isCompatible = isCompatible
  }

  /// The analyzers that TFT lets NaN and ±inf into.
  private static let unfiltered: Set<String> = [
    "min", "max", "sum", "min_and_max_per_key", "tukey_location", "tukey_scale",
    "tukey_h_params",
  ]

  /// TFT's quantiles are better than their epsilon says: ours must be so too.
  var quantileBudget: Int { isCompatible ? 1 << 17 : 0 }

  /// The arguments of a call of `function`, with the policy of the transform if none is given.
  func completed(
    _ arguments: [Expression.Argument], of function: AggregateFunction
  ) -> [Expression.Argument] {
    let takesPolicy = function.signature.parameters.contains { $0.name == "nan" }
    guard takesPolicy, !arguments.contains(where: { $0.label == "nan" }) else { return arguments }
    let policy =
      isCompatible ? (Self.unfiltered.contains(function.name) ? .propagate : .skip) : nan
    if policy == .skip { return arguments }
    return arguments + [.init(label: "nan", .string(policy.rawValue))]
  }

  /// An output, cast to 32 bits if it is of floats and TFT's are wanted.
  func finished(
    _ expression: Expression, _ schema: Schema, _ constants: [String: ConstantValue]
  ) throws(ExpressionError) -> Expression {
    guard isCompatible else { return expression }
    let type = try RowProgram([expression], schema: schema, constants: constants).outputTypes[0]
    guard type == .float64 || type == .list(.float64) else { return expression }
    return .call("float32", [.init(expression)])
  }
}
