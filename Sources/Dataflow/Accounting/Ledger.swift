/// What became of the rows read; every row has exactly one fate.
public struct Ledger: Hashable, Codable, Sendable {
  /// Records read, decodable or not.
  public var read = 0
  /// Rows that at least one window of one stage took.
  public var aggregated = 0
  /// Rows only applied, joined or passed on: labels that went with a prediction.
  public var emitted = 0
  /// Rows that the job's filter refused.
  public var filtered = 0
  /// Rows that every window of every stage refused.
  public var late = 0
  /// Records that could not be decoded or used.
  public var quarantined = 0
  /// Rows of a label join whose key had one already.
  public var duplicate = 0
  /// Predictions without a label, and labels without a prediction, when the wait was over.
  public var unmatched = 0
  /// Rows of a label join whose fate is open; 0 at the end.
  public var held = 0
  /// `nil` for none, as in ledgers of earlier versions.
  private var gap: Int?

  public init() {}

  /// Records that were gone before they could be read; they are not among those read.
  public var gone: Int {
    get { gap ?? 0 }
    set { gap = newValue == 0 ? nil : newValue }
  }

  /// Whether every row read has a fate.
  public var isBalanced: Bool {
    read == aggregated + emitted + filtered + late + quarantined + duplicate + unmatched + held
  }

  public static func += (total: inout Ledger, part: Ledger) {
    total.read += part.read
    total.aggregated += part.aggregated
    total.emitted += part.emitted
    total.filtered += part.filtered
    total.late += part.late
    total.quarantined += part.quarantined
    total.gone += part.gone
    total.duplicate += part.duplicate
    total.unmatched += part.unmatched
    total.held += part.held
  }
}

extension Ledger {
  /// What only a label join counts may be left out, as in books of earlier versions.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    read = try container.decode(Int.self, forKey: .read)
    aggregated = try container.decode(Int.self, forKey: .aggregated)
    emitted = try container.decode(Int.self, forKey: .emitted)
    filtered = try container.decode(Int.self, forKey: .filtered)
    late = try container.decode(Int.self, forKey: .late)
    quarantined = try container.decode(Int.self, forKey: .quarantined)
    duplicate = try container.decodeIfPresent(Int.self, forKey: .duplicate) ?? 0
    unmatched = try container.decodeIfPresent(Int.self, forKey: .unmatched) ?? 0
    held = try container.decodeIfPresent(Int.self, forKey: .held) ?? 0
    gap = try container.decodeIfPresent(Int.self, forKey: .gap)
  }
}
