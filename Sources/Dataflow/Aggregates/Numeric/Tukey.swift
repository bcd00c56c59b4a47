import Accumulators
import Columns
import Expressions

/// Parameters of the Tukey HH distribution with the L-moments of a column, for
/// `scale_to_gaussian`. NaN is left out; ±inf too, or by `propagate` makes all NaN.
///
/// Unlike TFT's, which are averages over batches, they are those of the whole column; exact to
/// rounding up to 131,072 distinct values, then with each value off by the width of its key.
extension AggregateFunction {
  static let tukeyLocation = tukey("tukey_location", "the location of the Tukey HH distribution") {
    .float64($0.location)
  }

  static let tukeyScale = tukey("tukey_scale", "the scale of the Tukey HH distribution") {
    .float64($0.scale)
  }

  static let tukeyHParams = tukey(
    "tukey_h_params", "its left and right parameter; both 0 for tails as thin as a normal one's",
    .floats
  ) { .floats([$0.left, $0.right]) }

  private static func tukey(
    _ name: String, _ summary: String, _ type: AggregateResultType = .float64,
    _ read: @escaping @Sendable (TukeyHH) -> AggregateValue
  ) -> AggregateFunction {
    AggregateFunction(name, [.required("x"), .nan], summary) { site in
      try site.numbers("x")
      let policy = try site.nanPolicy()
      return try site.numeric(
        GroupedQuantiles.self, QuantileParameters(budget: 1 << 17), of: site.inputs("x"), type
      ) { sketch in
        guard sketch.count > 0 else { return AggregateReading(.missing) }
        if policy != .skip, !sketch.minimum.isFinite || !sketch.maximum.isFinite {
          var reading = AggregateReading(read(TukeyHH.undefined))
          if policy == .error { reading.fault = "\(name): a value is infinite" }
          return reading
        }
        return AggregateReading(
          read(TukeyHH(sketch.lMoments)),
          errorBound: sketch.isExact ? nil : "values within a share \(sketch.relativeWidth)")
      }
    }
  }
}
