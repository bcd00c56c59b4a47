/// Eigenvalues and eigenvectors of a real symmetric matrix.
///
/// The steps are those of LAPACK's `dsyevd` on small matrices, so that the signs of the vectors,
/// which no formula decides, are those that numpy's `eigh` gives: reduction to tridiagonal form by
/// Householder reflections (`dsytd2`, lower half), then the implicit QL or QR method (`dsteqr`).
///
/// Source: Golub and Van Loan, *Matrix Computations*, sections 8.3.1 and 8.3.3.
public struct SymmetricEigenvectors {
  public let count: Int
  /// Ascending.
  public let values: [Double]
  /// Column `i` belongs to value `i`; shape `[count, count]`, row by row.
  public let vectors: [Double]

  /// - Precondition: `matrix` is symmetric, of shape `[count, count]`; its lower half is read.
  public init(_ matrix: [Double], count: Int) {
    precondition(matrix.count == count * count, "\(matrix.count) numbers for \(count) rows")
    self.count = count
    let reduction = HouseholderReduction(matrix, count: count)
    var iteration = TridiagonalIteration(reduction.diagonal, reduction.offDiagonal)
    iteration.run()
    let order = iteration.ascending()
    let rotated = reduction.applied(to: iteration.vectors)
    values = order.map { iteration.diagonal[$0] }
    vectors = (0..<count).flatMap { row in order.map { rotated[row * count + $0] } }
  }
}

/// A symmetric matrix as `Q·T·Qᵀ` with T tridiagonal.
private struct HouseholderReduction {
  let count: Int
  private(set) var diagonal: [Double] = []
  private(set) var offDiagonal: [Double] = []
  /// The vector and factor of each reflection; the vector begins one below the diagonal.
  private var reflections: [(vector: [Double], factor: Double)] = []

  init(_ matrix: [Double], count: Int) {
    self.count = count
    var a = matrix
    for column in 0..<max(0, count - 1) {
      let first = column + 1
      let below = (first..<count).map { a[$0 * count + column] }
      let (vector, factor, beta) = Self.reflection(below)
      offDiagonal.append(beta)
      if factor != 0 { Self.reflect(&a, count, from: first, vector, factor) }
      diagonal.append(a[column * count + column])
      reflections.append((vector, factor))
    }
    if count > 0 { diagonal.append(a[count * count - 1]) }
  }

  /// The reflection that maps `x` to `(beta, 0, …)`; its vector begins with 1.
  private static func reflection(_ x: [Double]) -> ([Double], factor: Double, beta: Double) {
    let norm = x.dropFirst().reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard norm != 0 else { return (x, 0, x[0]) }
    let length = (x[0] * x[0] + norm * norm).squareRoot()
    let beta = x[0] < 0 || x[0].sign == .minus ? length : -length
    let scale = 1 / (x[0] - beta)
    return ([1] + x.dropFirst().map { $0 * scale }, (beta - x[0]) / beta, beta)
  }

  /// Applies a reflection from both sides to the rows and columns of `a` from `first` on, of which
  /// the lower half is kept.
  private static func reflect(
    _ a: inout [Double], _ count: Int, from first: Int, _ vector: [Double], _ factor: Double
  ) {
    func at(_ row: Int, _ column: Int) -> Double {
      a[max(row, column) * count + min(row, column)]
    }
    var w = vector.indices.map { row in
      factor * vector.indices.reduce(0) { $0 + at(first + row, first + $1) * vector[$1] }
    }
    let alpha = -0.5 * factor * zip(w, vector).reduce(0) { $0 + $1.0 * $1.1 }
    for index in w.indices { w[index] += alpha * vector[index] }
    for row in w.indices {
      for column in 0...row {
        a[(first + row) * count + first + column] -=
          vector[row] * w[column] + w[row] * vector[column]
      }
    }
  }

  /// `Q·z`, for `z` of shape `[count, count]`.
  func applied(to z: [Double]) -> [Double] {
    var z = z
    for (index, (vector, factor)) in reflections.enumerated().reversed() where factor != 0 {
      for column in 0..<count {
        let projection = vector.indices.reduce(0.0) {
          $0 + vector[$1] * z[(index + 1 + $1) * count + column]
        }
        for row in vector.indices {
          z[(index + 1 + row) * count + column] -= factor * projection * vector[row]
        }
      }
    }
    return z
  }
}
