import Accumulators
import Columns
import Expressions

/// TFT's `histogram` in three parts, as an analyzer has one value.
///
/// Boundaries: by default 11 from 0 to 1; of an integer n, n from the least to the greatest finite
/// value; or a list. As TFT, each is lowered by 0.0001, a value on a boundary is below it, and what lies
/// outside is in the bin at that end. NaN is left out, ±inf is in an end bin.
extension AggregateFunction {
  static let histogram = histogram(
    "histogram", "how many values lie in each bin; with categorical=True, a table of counts"
  ) { bins in .floats(bins.counts) }

  static let histogramBoundaries = histogram(
    "histogram_boundaries", "the boundaries of the bins of a histogram"
  ) { bins in .floats(bins.boundaries) }

  /// The inner boundaries, moved so that `apply_buckets` puts a value on one below it.
  static let histogramEdges = histogram(
    "histogram_edges", "the inner boundaries of the bins, for apply_buckets"
  ) { bins in .floats(bins.boundaries.dropFirst().dropLast().map(\.nextUp)) }

  static let probabilityDensity = histogram(
    "probability_density", "the density in each bin of a histogram; or the share of each key"
  ) { bins in
    let total = bins.counts.reduce(0, +)
    let width =
      ((bins.boundaries.last ?? 0) - (bins.boundaries.first ?? 0)) / Double(bins.counts.count)
    return .floats(bins.counts.map { $0 / total / width })
  }

  private struct Bins {
    var counts: [Double]
    var boundaries: [Double]
  }

  private static func histogram(
    _ name: String, _ summary: String, _ read: @escaping @Sendable (Bins) -> AggregateValue
  ) -> AggregateFunction {
    AggregateFunction(
      name,
      [
        .required("x"), .optional("boundaries", .none), .optional("categorical", .bool(false)),
      ], summary
    ) { site in
      if site.arguments["categorical"] == .bool(true) {
        guard ["histogram", "probability_density"].contains(name) else {
          throw site.fail("a categorical histogram has no boundaries")
        }
        return try keyCounts(site, "x", isShare: name == "probability_density")
      }
      try site.numbers("x")
      let given = try boundaries(site)
      return try site.numeric(
        GroupedQuantiles.self, QuantileParameters(budget: 1 << 20), of: site.inputs("x"), .floats
      ) { sketch in
        guard sketch.count > 0 else { return AggregateReading(.missing) }
        let boundaries = given.resolved(sketch).map { $0 - 0.0001 }
        // Of the values on a boundary, none is above it.
        let (below, error) = sketch.weights(
          below: boundaries.dropFirst().dropLast().map(\.nextUp))
        let ends = [0] + below + [sketch.totalWeight]
        let counts = zip(ends, ends.dropFirst()).map { $1 - $0 }
        return AggregateReading(
          read(Bins(counts: counts, boundaries: boundaries)),
          errorBound: sketch.isExact ? nil : "counts within \(error)")
      }
    }
  }

  private enum Boundaries {
    case list([Double])
    case count(Int)

    func resolved(_ sketch: QuantileSketch) -> [Double] {
      switch self {
      case .list(let boundaries): return boundaries
      case .count(let count):
        let (low, high) = sketch.finiteExtremes
        return (0..<count).map { low + (high - low) * Double($0) / Double(count - 1) }
      }
    }
  }

  private static func boundaries(_ site: AggregateSite) throws(ExpressionError) -> Boundaries {
    if site.arguments.isNone("boundaries") { return .list((0...10).map { Double($0) / 10 }) }
    if case .integer = site.arguments["boundaries"] {
      return .count(try site.int("boundaries", atLeast: 2))
    }
    guard let list = ConstantValue(literal: site.arguments["boundaries"])?.doubles,
      list.count >= 2, zip(list, list.dropFirst()).allSatisfy({ $0 <= $1 })
    else { throw site.fail("'boundaries' must be an integer ≥ 2 or an ascending list of numbers") }
    return .list(list)
  }
}

extension QuantileSketch {
  /// The least and the greatest value that is finite; 0 without one.
  fileprivate var finiteExtremes: (low: Double, high: Double) {
    if minimum.isFinite && maximum.isFinite { return (minimum, maximum) }
    let finite = points.lazy.map(\.value).filter(\.isFinite)
    return (finite.min() ?? 0, finite.max() ?? 0)
  }
}
