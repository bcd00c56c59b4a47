public import ByteCoding
public import Columns

/// Covariances have no parameters.
public struct CovarianceParameters: Hashable, Sendable {
  public init() {}
}

/// Means and covariances of the components of vectors.
public struct Covariance: Equatable, Sendable {
  /// Vectors that counted.
  public var count: Int64
  /// How many components they have; 0 when there is none.
  public var dimension: Int
  /// Population covariances, each exact and rounded once; shape `[dimension, dimension]`.
  public var matrix: [Double]
}

/// The covariance matrix of a column of lists, all of one length.
///
/// Vectors with a missing, NaN or infinite component are left out; so are those shorter than the
/// longest. The state is Σxᵢ and Σxᵢxⱼ without any rounding.
public struct CovarianceAccumulator: BoundedAccumulator {
  private var dimension = 0
  private var count: Int64 = 0
  /// Shape `[dimension]`.
  private var sums: [ExactSum] = []
  /// Σxᵢxⱼ for i ≤ j, row by row.
  private var products: [ExactSum] = []

  public init(_: CovarianceParameters) {}

  public mutating func add(_ inputs: [Column]) {
    guard case .list(let list) = inputs[0] else { preconditionFailure("not a column of lists") }
    // NaN where absent.
    let values = NumericColumn(list.elements).doubles
    for row in 0..<list.validity.count where list.validity.isPresent(row) {
      add(values[Int(list.offsets[row])..<Int(list.offsets[row + 1])])
    }
  }

  private mutating func add(_ vector: ArraySlice<Double>) {
    guard !vector.isEmpty, vector.count >= dimension, vector.allSatisfy(\.isFinite) else {
      return
    }
    if vector.count > dimension { reset(vector.count) }
    count += 1
    var next = 0
    for (index, value) in zip(0..., vector) {
      sums[index].add(value)
      for other in vector.dropFirst(index) {
        products[next].add(product: value, other)
        next += 1
      }
    }
  }

  private mutating func reset(_ dimension: Int) {
    self.dimension = dimension
    count = 0
    sums = [ExactSum](repeating: ExactSum(), count: dimension)
    products = [ExactSum](repeating: ExactSum(), count: dimension * (dimension + 1) / 2)
  }

  public mutating func merge(_ other: CovarianceAccumulator) {
    guard other.dimension >= dimension else { return }
    guard other.dimension == dimension else {
      self = other
      return
    }
    count += other.count
    for index in sums.indices { sums[index].merge(other.sums[index]) }
    for index in products.indices { products[index].merge(other.products[index]) }
  }

  public func output() -> Covariance {
    var matrix = [Double](repeating: 0, count: dimension * dimension)
    let factor = count.magnitude
    let totals = sums.map { SignedMagnitude($0) }
    var next = 0
    for row in 0..<dimension {
      for column in row..<dimension {
        // (n·Σxy − Σx·Σy) / n², in integers but for the last rounding.
        let scaled = SignedMagnitude(products[next]) * factor - totals[row] * totals[column]
        let value = scaled.dividedTwice(by: factor)
        matrix[row * dimension + column] = value
        matrix[column * dimension + row] = value
        next += 1
      }
    }
    return Covariance(count: count, dimension: dimension, matrix: matrix)
  }

  /// Appends the canonical form: format version, varint dimension and count, the sums, then the
  /// products.
  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    writer.append(varint: UInt64(dimension))
    writer.append(varint: UInt64(count))
    for sum in sums + products { sum.encode(into: &writer) }
  }

  public static func decode(
    _ parameters: CovarianceParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> CovarianceAccumulator {
    try FormatVersion.read(from: &reader)
    var result = CovarianceAccumulator(parameters)
    let dimension = try FormatVersion.readCount(from: &reader)
    // Each sum takes two bytes at least.
    guard dimension * (dimension + 3) <= reader.bytes.endIndex - reader.offset else {
      throw ByteCodingError("too few bytes for \(dimension) components", at: reader.offset)
    }
    result.reset(dimension)
    result.count = Int64(truncatingIfNeeded: try reader.readVarint())
    for index in 0..<dimension { result.sums[index] = try ExactSum.decode(from: &reader) }
    for index in result.products.indices {
      result.products[index] = try ExactSum.decode(from: &reader)
    }
    return result
  }

  public var byteCount: Int { 64 + (sums.count + products.count) * 128 }

  /// 100 components, with values of the whole range of doubles.
  public static func byteBound(_: CovarianceParameters, distinctCount: Int) -> Int {
    5_150 * 1_100
  }
}
