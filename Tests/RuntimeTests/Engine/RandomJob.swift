import DataflowTesting

/// A random job over random files.
struct RandomJob: Sendable {
  enum Format: String, Sendable { case jsonl, csv }

  /// In the order that a job file has them in.
  enum StageKind: Int, Sendable { case transform, evaluate, aggregate }

  struct StageSpec: Sendable {
    var kind: StageKind
    /// Seconds.
    var size: Int64
    /// Sliding windows start this often; `nil` for fixed ones.
    var every: Int64?
    var offset: Int64
    var lateness: Int64
    var trigger: String?
    var isDiscarding: Bool
    var isRetracting: Bool
    /// Whether the pane of timing *on time* holds the rows on time and no others.
    var hasPureOnTimePane: Bool
    /// Whether an evaluation needs score histograms.
    var hasCurves: Bool
  }

  var format: Format
  /// Seconds.
  var outOfOrderness: Int64
  var hasFilter: Bool
  var stages: [StageSpec]
  var files: [[RandomRide]]

  /// A random job; if it `isOrderly`, no row comes later than `outOfOrderness` allows.
  init(isOrderly: Bool, _ generator: inout SeededGenerator) {
    format = Int.random(in: 0..<4, using: &generator) == 0 ? .csv : .jsonl
    outOfOrderness = Int64.random(in: 0...10, using: &generator)
    hasFilter = Int.random(in: 0..<3, using: &generator) == 0
    stages = [Self.stage(.aggregate, &generator)]
    // Evaluations are slow without optimization.
    for (kind, share) in [(StageKind.transform, 2), (.evaluate, 7), (.aggregate, 2)]
    where Int.random(in: 0..<share, using: &generator) == 0 {
      stages.append(Self.stage(kind, &generator))
    }
    stages.sort { $0.kind.rawValue < $1.kind.rawValue }
    files = []
    let disorder =
      isOrderly ? outOfOrderness : Int64.random(in: 0...40, using: &generator) + outOfOrderness
    var lines = Self.lines(&generator)
    lines = Self.shuffled(lines, within: disorder * 1000, &generator)
    files = Self.dealt(lines, &generator)
  }

  private static func lines(_ generator: inout SeededGenerator) -> [RandomRide] {
    var time: Int64 = 1_788_220_800_000 + Int64.random(in: 0..<60_000, using: &generator)
    let step = Int64.random(in: 1...4000, using: &generator)
    return (0..<Int.random(in: 0...100, using: &generator)).map { _ in
      time += Int64.random(in: 0...step, using: &generator)
      let isSound = Int.random(in: 0..<30, using: &generator) > 0
      return RandomRide(time: time, isSound: isSound, &generator)
    }
  }

  /// A row comes after no row that is more than `bound` milliseconds later in event time.
  static func shuffled(
    _ lines: [RandomRide], within bound: Int64, _ generator: inout SeededGenerator
  ) -> [RandomRide] {
    lines.map { ($0, $0.time + Int64.random(in: 0...bound, using: &generator)) }
      .sorted { $0.1 < $1.1 }.map(\.0)
  }

  private static func dealt(
    _ lines: [RandomRide], _ generator: inout SeededGenerator
  ) -> [[RandomRide]] {
    let count = Int.random(in: 1...4, using: &generator)
    guard Bool.random(using: &generator) else { return cut(lines, into: count, &generator) }
    var files = [[RandomRide]](repeating: [], count: count)
    for line in lines { files[Int.random(in: 0..<count, using: &generator)].append(line) }
    return files
  }

  /// Consecutive parts, some perhaps empty.
  static func cut(
    _ lines: [RandomRide], into count: Int, _ generator: inout SeededGenerator
  ) -> [[RandomRide]] {
    let inner = (0..<count - 1).map { _ in Int.random(in: 0...lines.count, using: &generator) }
    let cuts = [0] + inner.sorted() + [lines.count]
    return zip(cuts, cuts.dropFirst()).map { Array(lines[$0..<$1]) }
  }

  private static func stage(_ kind: StageKind, _ generator: inout SeededGenerator) -> StageSpec {
    let lateness = Bool.random(using: &generator) ? 0 : Int64.random(in: 1...30, using: &generator)
    let early = "early: { after_count: \(Int.random(in: 1...9, using: &generator)) }"
    let late = "late: { after_count: \(Int.random(in: 1...5, using: &generator)) }"
    var triggers: [(String?, isPure: Bool)] = [
      (nil, true), ("default", true), ("{ after_watermark: { \(late) } }", true),
      ("{ after_watermark: { \(early), \(late) } }", true), ("always", false), ("never", false),
      ("{ repeatedly: { after_count: 4 } }", false),
    ]
    if lateness == 0 {
      triggers += [
        ("after_watermark", true), ("{ after_watermark: { \(early) } }", true),
        ("{ after_watermark: { early: { after_processing_time: 1ms } } }", true),
      ]
    }
    let trigger = triggers[Int.random(in: 0..<triggers.count, using: &generator)]
    var size = Int64.random(in: 1...60, using: &generator)
    var every: Int64?
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: every = Int64.random(in: (size + 5) / 6...size, using: &generator)
    case 1:
      // Windows of whole periods can be put together from slices.
      let period = Int64.random(in: 1...20, using: &generator)
      size = period * Int64.random(in: 2...6, using: &generator)
      every = period
    default: break
    }
    return StageSpec(
      kind: kind, size: size, every: every,
      offset: Int64.random(in: 0...5, using: &generator), lateness: lateness,
      trigger: trigger.0, isDiscarding: Int.random(in: 0..<4, using: &generator) == 0,
      isRetracting: Int.random(in: 0..<4, using: &generator) == 0,
      hasPureOnTimePane: trigger.isPure, hasCurves: Int.random(in: 0..<4, using: &generator) == 0)
  }

  /// The content of file `index`.
  func text(_ lines: [RandomRide]) -> String {
    switch format {
    case .jsonl: lines.map { $0.json + "\n" }.joined()
    case .csv: ([RandomRide.csvHeader] + lines.map(\.csv)).map { $0 + "\n" }.joined()
    }
  }
}
