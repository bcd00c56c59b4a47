/// The heaviest of entries that come in any order, in memory for two times as many as are kept.
public struct HeaviestEntries {
  private let limit: Int
  /// When more are held, those beyond the limit are dropped.
  private let mostHeld: Int
  private var least: Double
  private var held: [Vocabulary.Entry] = []

  /// - Parameters:
  ///   - limit: How many are kept.
  ///   - least: The weight that they have at least.
  public init(_ limit: Int = .max, atLeast least: Double = -.infinity) {
    self.limit = limit
    mostHeld = limit > .max / 4 ? .max : 2 * limit + 1_024
    self.least = least
  }

  public mutating func add(_ entry: Vocabulary.Entry) {
    guard entry.weight >= least else { return }
    held.append(entry)
    guard held.count > mostHeld else { return }
    held = entries
    least = held.last?.weight ?? .infinity
  }

  /// Heaviest first, ties by bytes descending.
  public var entries: [Vocabulary.Entry] {
    Array(held.sorted { Vocabulary.Entry.isOrdered($0, before: $1) }.prefix(limit))
  }
}
