extension KeyedDecodingContainer {
  /// Decodes an interval that must be longer than zero.
  func decodePositive(_ key: Key) throws -> Interval {
    let interval = try decode(Interval.self, forKey: key)
    guard interval > .zero else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "\(interval), expected a positive interval")
    }
    return interval
  }
}
