/// What became of the rows read; every row has exactly one fate.
public struct Ledger: Hashable, Codable, Sendable {
  /// Records read, decodable or not.
  public var read = 0
  /// Rows that at least one window of one stage took.
  public var aggregated = 0
  /// Rows only applied, joined or passed on.
  public var emitted = 0
  /// Rows that the job's filter refused.
  public var filtered = 0
  /// Rows that every window of every stage refused.
  public var late = 0
  /// Records that could not be decoded or used.
  public var quarantined = 0

  public init() {}

  /// Whether every row read has a fate.
  public var isBalanced: Bool {
    read == aggregated + emitted + filtered + late + quarantined
  }

  public static func += (total: inout Ledger, part: Ledger) {
    total.read += part.read
    total.aggregated += part.aggregated
    total.emitted += part.emitted
    total.filtered += part.filtered
    total.late += part.late
    total.quarantined += part.quarantined
  }
}
