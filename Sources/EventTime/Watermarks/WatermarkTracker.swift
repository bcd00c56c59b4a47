/// How far one split has come.
public struct SplitProgress: Hashable, Codable, Sendable {
  /// By the split's own estimator; `.distantPast` before its first row.
  public var watermark: Timestamp
  /// Whether it ever yielded a row.
  public var hasDelivered: Bool
  /// Whether its reader has read to the end of what there is.
  public var isCaughtUp: Bool
  /// By ``IdlenessPolicy``.
  public var isIdle: Bool
  /// Whether nothing will ever come again.
  public var isFinished: Bool

  public init(
    watermark: Timestamp = .distantPast, hasDelivered: Bool = false, isCaughtUp: Bool = false,
    isIdle: Bool = false, isFinished: Bool = false
  ) {
    self.watermark = watermark
    self.hasDelivered = hasDelivered
    self.isCaughtUp = isCaughtUp
    self.isIdle = isIdle
    self.isFinished = isFinished
  }

  /// Whether the job's watermark waits for this split.
  ///
  /// One that has unread data always holds it; one that is idle, finished, or caught up without
  /// ever having yielded a row does not.
  public var holds: Bool { !isFinished && !isIdle && (hasDelivered || !isCaughtUp) }
}

/// The job's watermark: the minimum over the splits that hold it; monotone.
///
/// It stays where it is while no split holds it, and is `.distantFuture` while all have finished: a
/// split that appears after that takes it back to where it was. With no split at all it stays at
/// `.distantPast`. An update costs O(log *splits*).
public struct WatermarkTracker: Sendable {
  private var reached = Timestamp.distantPast
  /// By split, in order of ``add(_:)``.
  public private(set) var splits: [SplitProgress] = []

  private var finishedCount = 0
  /// A tournament of splits: `tree[1]` is the winner, the leaves begin at `leafCount`; −1: none.
  private var tree: [Int] = [-1, -1]
  private var leafCount = 1

  public init() {}

  public var watermark: Timestamp {
    !splits.isEmpty && finishedCount == splits.count ? .distantFuture : reached
  }

  /// Resumes from a checkpoint.
  public init(watermark: Timestamp, splits: [SplitProgress]) {
    reached = watermark
    self.splits = splits
    finishedCount = splits.count(where: \.isFinished)
    var leafCount = 1
    while leafCount < splits.count { leafCount *= 2 }
    rebuild(leafCount: leafCount)
    advance()
  }

  /// Adds a split and returns its number, counting from 0.
  ///
  /// One that appears behind the job's watermark does not turn it back.
  @discardableResult
  public mutating func add(_ progress: SplitProgress = SplitProgress()) -> Int {
    let split = splits.count
    splits.append(progress)
    if progress.isFinished { finishedCount += 1 }
    if splits.count > leafCount { rebuild(leafCount: leafCount * 2) } else { replay(split) }
    advance()
    return split
  }

  /// Replaces what is known about a split.
  public mutating func update(_ split: Int, to progress: SplitProgress) {
    replace(split, with: progress)
    advance()
  }

  /// Replaces what is known about all splits, at once: of several that become idle together, none
  /// is the last that holds the watermark.
  public mutating func update(to all: [SplitProgress]) {
    precondition(all.count == splits.count, "\(all.count) of \(splits.count) splits")
    for (split, progress) in all.enumerated() { replace(split, with: progress) }
    advance()
  }

  private mutating func replace(_ split: Int, with progress: SplitProgress) {
    guard progress != splits[split] else { return }
    finishedCount += (progress.isFinished ? 1 : 0) - (splits[split].isFinished ? 1 : 0)
    splits[split] = progress
    replay(split)
  }

  /// The split that holds the watermark, the first of several; `nil` if none does.
  public var holder: Int? { tree[1] < 0 ? nil : tree[1] }

  /// Whether every split is idle, finished, or caught up and empty, and not all are finished.
  public var isStalled: Bool { holder == nil && finishedCount < splits.count }

  private mutating func advance() {
    if let holder { reached = max(reached, splits[holder].watermark) }
  }

  private mutating func rebuild(leafCount: Int) {
    self.leafCount = leafCount
    tree = Array(repeating: -1, count: 2 * leafCount)
    for split in splits.indices where splits[split].holds { tree[leafCount + split] = split }
    for node in stride(from: leafCount - 1, to: 0, by: -1) { tree[node] = winner(below: node) }
  }

  private mutating func replay(_ split: Int) {
    var node = leafCount + split
    tree[node] = splits[split].holds ? split : -1
    while node > 1 {
      node /= 2
      tree[node] = winner(below: node)
    }
  }

  private func winner(below node: Int) -> Int {
    let (left, right) = (tree[2 * node], tree[2 * node + 1])
    if left < 0 { return right }
    if right < 0 { return left }
    return splits[right].watermark < splits[left].watermark ? right : left
  }
}
