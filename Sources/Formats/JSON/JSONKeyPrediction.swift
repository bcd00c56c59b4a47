/// Which orders of keys to expect, learnt from the rows that came otherwise.
///
/// Two orders are held, so that two producers in one stream are both fast. A row with more members
/// than either is learnt at once (it also covers rows that lack some of its keys); any other only
/// after a run of surprises, ever longer, so that rows in random order do not cost learning.
struct JSONKeyPrediction {
  private static let firstPatience = 16
  private static let lastPatience = 4096
  private static let longerLimit = 64

  private(set) var orders: [JSONKeyOrder] = []
  /// The order to try first: the one that was right last.
  private var preferred = 0
  private var surprises = 0
  private var patience = firstPatience
  private var longerLearnt = 0

  /// The order to try first, and the other.
  var candidates: (JSONKeyOrder?, JSONKeyOrder?) {
    (
      orders.isEmpty ? nil : orders[preferred],
      orders.count < 2 ? nil : orders[1 - preferred]
    )
  }

  /// Notes that the order tried second was right.
  mutating func preferOther() { preferred = 1 - preferred }

  /// Notes that `rowCount` rows were as expected.
  mutating func noteHits(_ rowCount: Int) {
    surprises = max(0, surprises - rowCount)
    if rowCount >= 256 { patience = Self.firstPatience }
  }

  /// Whether the order of a row with `memberCount` members, which was not expected, is to be learnt.
  mutating func shouldLearn(memberCount: Int) -> Bool {
    if orders.count < 2 { return true }
    if memberCount > orders[0].memberCount && memberCount > orders[1].memberCount
      && longerLearnt < Self.longerLimit
    {
      longerLearnt += 1
      return true
    }
    surprises += 1
    guard surprises >= patience else { return false }
    surprises = 0
    patience = min(2 * patience, Self.lastPatience)
    return true
  }

  mutating func learn(_ order: JSONKeyOrder) {
    if orders.count < 2 {
      orders.append(order)
      preferred = orders.count - 1
    } else {
      preferred = 1 - preferred
      orders[preferred] = order
    }
  }
}
