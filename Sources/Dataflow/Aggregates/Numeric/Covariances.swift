import Accumulators
import Columns
import Expressions

/// Statistics of a column of vectors: lists of one length. Vectors with a component that is missing,
/// NaN or infinite are left out.
extension AggregateFunction {
  static let covariance = AggregateFunction(
    "covariance", [.required("x"), .optional("dtype", .none)],
    "the population covariances of the components, row by row"
  ) { site in
    try vectors(site) { $0.matrix }
  }

  /// Each vector's sign is that of numpy's `eigh`.
  static let pca = AggregateFunction(
    "pca", [.required("x"), .required("output_dim"), .optional("dtype", .none)],
    "the directions of greatest variance as columns of a matrix, row by row"
  ) { site in
    let width = try site.int("output_dim", atLeast: 1)
    return try vectors(site) { covariance in
      let count = covariance.dimension
      let eigen = SymmetricEigenvectors(covariance.matrix, count: count)
      return (0..<count).flatMap { row in
        (0..<width).map { column in
          column < count ? eigen.vectors[row * count + count - 1 - column] : 0
        }
      }
    }
  }

  private static func vectors(
    _ site: AggregateSite, _ read: @escaping @Sendable (Covariance) -> [Double]
  ) throws(ExpressionError) -> ResolvedAggregate {
    guard try site.type("x").isListOfNumbers else {
      throw site.fail("'x' must be a list of numbers, such as stack(a, b)")
    }
    return ResolvedAggregate(
      GroupedSeparately<CovarianceAccumulator>.self, CovarianceParameters(), of: site.inputs("x"),
      .floats
    ) { covariance in
      AggregateReading(covariance.count == 0 ? .missing : .floats(read(covariance)))
    }
  }
}
