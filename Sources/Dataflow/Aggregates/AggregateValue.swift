public import Expressions

/// What an aggregate function gives for one cell.
public enum AggregateValue: Hashable, Sendable {
  /// There was nothing to aggregate, or the result does not fit its type.
  case missing
  case int64(Int64)
  case float64(Double)
  /// Such as the boundaries of buckets, ascending.
  case floats([Double])
  /// Heaviest first, ties by token bytes descending.
  case vocabulary([VocabularyEntry])
  /// Keys ascending by bytes.
  case table(KeyedTable)

  /// A token and how often it came.
  public struct VocabularyEntry: Hashable, Sendable {
    /// The bytes of the token; an integer in decimal.
    public var token: [UInt8]
    public var count: Int64
    /// The sum of the weights; the count when there are none.
    public var weight: Double

    public init(token: [UInt8], count: Int64, weight: Double) {
      self.token = token
      self.count = count
      self.weight = weight
    }
  }
}

/// A value with what is known of its error.
public struct AggregateReading: Hashable, Sendable {
  public var value: AggregateValue
  /// The bound in words, such as `rank error ≤ 0.0012`; `nil` when the value is exact.
  public var errorBound: String?
  /// Why there is no value, where the call says that this is an error.
  public var fault: String?

  public init(_ value: AggregateValue, errorBound: String? = nil) {
    self.value = value
    self.errorBound = errorBound
  }
}

/// The form of an aggregate's value; `missing` is possible in each.
public enum AggregateResultType: String, Hashable, Sendable {
  case int64 = "int"
  case float64 = "float"
  case floats = "list<float>"
  case vocabulary, table
}
