extension Interval: LosslessStringConvertible {
  private static let units: [(suffix: String, microseconds: Int64)] = [
    ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000),
    ("ms", 1000), ("us", 1),
  ]

  /// The interval that `text` names: a whole number and `us`, `ms`, `s`, `m`, `h` or `d`.
  ///
  /// A leading `-` is accepted; spaces, fractions, a missing unit and lengths beyond the
  /// representable range are not (`nil`).
  public init?(_ text: String) {
    let digits = text.prefix { $0 == "-" || ("0"..."9").contains($0) }
    guard let count = Int64(digits),
      let unit = Self.units.first(where: { $0.suffix == text[digits.endIndex...] })
    else { return nil }
    let (total, overflow) = count.multipliedReportingOverflow(by: unit.microseconds)
    guard !overflow else { return nil }
    self.init(microseconds: total)
  }

  /// The count of the largest unit that divides the interval: `90s`, `2m`, `0s`.
  public var description: String {
    guard microseconds != 0 else { return "0s" }
    for unit in Self.units where microseconds % unit.microseconds == 0 {
      return "\(microseconds / unit.microseconds)\(unit.suffix)"
    }
    return "\(microseconds)us"
  }
}
