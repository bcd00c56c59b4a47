/// The type of a tensor's elements.
public enum TensorType: Hashable, Sendable {
  case bool, int64, float64, string
}

/// A value that is part of a program.
public enum TensorConstant: Hashable, Sendable {
  case bool(Bool)
  case int64(Int64)
  case float64(Double)
  case string([UInt8])

  var type: TensorType {
    switch self {
    case .bool: .bool
    case .int64: .int64
    case .float64: .float64
    case .string: .string
    }
  }

  /// Equality is that of bits, so that −0 stays −0 and a NaN is found again.
  public static func == (one: Self, two: Self) -> Bool {
    switch (one, two) {
    case (.bool(let one), .bool(let two)): one == two
    case (.int64(let one), .int64(let two)): one == two
    case (.float64(let one), .float64(let two)): one.bitPattern == two.bitPattern
    case (.string(let one), .string(let two)): one == two
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .bool(let value): hasher.combine(value)
    case .int64(let value): hasher.combine(value)
    case .float64(let value): hasher.combine(value.bitPattern)
    case .string(let value): hasher.combine(value)
    }
  }
}

/// What one node of a ``TensorProgram`` computes.
///
/// Tensors are constants (rank 0), of one element a row, or of one an element of all lists (rank 1);
/// a constant goes with every rank. All arithmetic is that of IEEE doubles and of 64-bit integers
/// that wrap.
public enum TensorOperation: Hashable, Sendable {
  /// The part of a feature that the caller gives.
  public enum Part: Hashable, Sendable {
    /// The values, shape `[rows]`, or of a list `[elements]`.
    case values
    /// Whether each row has a value, shape `[rows]`; 0 or "" stands in the other rows.
    case isPresent
    /// The row of each element of a list, ascending, shape `[elements]`.
    case rows
  }

  public enum Unary: Hashable, Sendable {
    case negate, abs, floor, ceil
    /// To the nearest whole number, halves to even.
    case round
    case sqrt, log, log1p, exp, tanh
    /// To the nearest 32-bit float.
    case roundToFloat32
    case isNaN, not
    case lower, upper, strip
    /// The bytes of a string.
    case byteCount
    /// The decimal text of an integer.
    case decimalText
  }

  public enum Binary: Hashable, Sendable {
    case add, subtract, multiply
    /// Of floats.
    case divide
    /// Of integers, toward the past; the divisor is never 0 nor −1.
    case floorDivide
    /// With the sign of the divisor; that of integers is never 0 nor −1.
    case floorModulo
    case power
    case equal, notEqual, less, lessEqual
    case and, or
  }

  case input(feature: Int, Part)
  /// How many rows there are; an `int64` constant of each call.
  case rowCount
  case constant(TensorConstant)
  /// A list of numbers; only ``gather`` reads it.
  case numbers([UInt64])
  case unary(Unary)
  case binary(Binary)
  case select
  /// To `int64` toward 0 (in range, never NaN), to `float64` to nearest; bool as 0 and 1.
  case cast(TensorType)
  /// A constant once a row.
  case fill
  /// How many of the boundaries are not greater; NaN is greater than all.
  case upperBound([UInt64])
  /// One string of several, with the separator between.
  case join([UInt8])
  /// FarmHash's fingerprint64 modulo the number of buckets.
  case hashFast(Int64)
  /// SipHash under a key modulo the number of buckets.
  case hashStrong(Int64, UInt64, UInt64)
  /// The position of a string in a vocabulary, or the given number.
  case lookUp(vocabulary: Int, otherwise: Int64)
  /// The parts of all strings, one after the other.
  case splitParts([UInt8])
  /// For each of the parts, which string it is of.
  case splitRows([UInt8])
  /// For each element, `depth` numbers: 1 at its position, 0 elsewhere; rank 1.
  case oneHot(depth: Int)
  /// Those elements of the first for which the second holds.
  case keep
  /// The elements of the first at the positions that the second says.
  case gather
  /// 0, 1, … up to a count.
  case range
  /// For each row, how many elements it has: of (row of each element, row count).
  case countByRow
  /// For each number, the sum of those before it.
  case exclusiveSum
  /// How many elements there are; a constant of each call.
  case count
  /// The first, and one more element.
  case append
  /// The first elements of all, then the second ones, and so on.
  case interleave
  /// The positions of integers in ascending order; equal ones as they stand.
  case stableOrder
  /// Of (strings, place of the first byte, count), inside of the strings.
  case substring
  /// For each row, its strings one after the other: of (strings, row of each, row count).
  case joinByRow([UInt8])
  /// The distinct values in the order of their first occurrence.
  case distinct
  /// For each element, the position of its value among ``distinct`` ones.
  case distinctIndex
}
