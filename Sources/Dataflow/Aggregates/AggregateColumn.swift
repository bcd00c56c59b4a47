/// The values of one aggregate for many cells.
public enum AggregateColumn: Sendable {
  /// Exact, none missing.
  case int64([Int64])
  /// Exact, none missing.
  case float64([Double])
  case readings([AggregateReading])

  public subscript(index: Int) -> AggregateReading {
    switch self {
    case .int64(let values): AggregateReading(.int64(values[index]))
    case .float64(let values): AggregateReading(.float64(values[index]))
    case .readings(let readings): readings[index]
    }
  }
}
