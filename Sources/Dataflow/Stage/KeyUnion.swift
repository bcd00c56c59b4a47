/// Two ordered lists of keys as one: where the cell of each key of either is in the union.
struct KeyUnion {
  /// By cell, the discard cell first; keys are numbered from 1.
  private(set) var ours: [UInt32] = [0]
  private(set) var theirs: [UInt32] = [0]
  /// How many keys there are together.
  private(set) var count = 0

  /// The union of `one` keys and `two` keys.
  ///
  /// `order` is negative, 0 or positive as a key of the
  /// first list stands before, equals or follows one of the second. `append` is told each key of
  /// the union, by its place in the first list, else in the second.
  init(
    _ one: Int, _ two: Int, order: (Int, Int) -> Int, append: (_ ours: Int?, _ theirs: Int) -> Void
  ) {
    ours.reserveCapacity(one + 1)
    theirs.reserveCapacity(two + 1)
    var (first, second) = (0, 0)
    while first < one || second < two {
      let order = first == one ? 1 : second == two ? -1 : order(first, second)
      append(order <= 0 ? first : nil, second)
      count += 1
      if order <= 0 {
        ours.append(UInt32(count))
        first += 1
      }
      if order >= 0 {
        theirs.append(UInt32(count))
        second += 1
      }
    }
  }
}
