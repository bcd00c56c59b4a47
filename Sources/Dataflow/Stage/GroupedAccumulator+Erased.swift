import Accumulators

extension GroupedAccumulator {
  /// New states with the same parameters and the discard cell only.
  func emptyCopy() -> any GroupedAccumulator {
    var source = self
    return source.extract([])
  }

  /// `merge` for a value whose type is known only at run time.
  ///
  /// - Precondition: `other` is of this type.
  mutating func mergeAny(_ other: any GroupedAccumulator, mapping: [UInt32]) {
    guard let other = other as? Self else {
      preconditionFailure("\(type(of: other)) merged into \(Self.self)")
    }
    merge(other, mapping: mapping)
  }
}

extension GroupedAccumulator {
  mutating func extractAny(_ cells: [UInt32]) -> any GroupedAccumulator { extract(cells) }
}
