import EventTime

/// A split as the choice of the next one to read sees it.
struct SplitChoice {
  /// The greatest event time processed, `.distantPast` before any.
  var latest: Timestamp
  /// Whether nobody reads it now.
  var isFree: Bool
  /// Whether it may be read: it has not ended, and if it was empty, long enough ago.
  var isDue: Bool

  /// The split furthest behind in event time that is free; `nil` if all are taken or wait.
  ///
  /// One that runs ahead of the furthest behind, free or not, by more than `alignment` allows waits.
  static func next(_ splits: [SplitChoice], _ alignment: SplitAlignment) -> Int? {
    let due = splits.indices.filter { splits[$0].isDue }
    guard let slowest = due.map({ splits[$0].latest }).min() else { return nil }
    return due.filter {
      splits[$0].isFree && !alignment.isPaused(latest: splits[$0].latest, slowest: slowest)
    }.min { (splits[$0].latest, $0) < (splits[$1].latest, $1) }
  }
}
