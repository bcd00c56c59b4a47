import Dataflow

/// The bytes that a run holds against the limit that the job sets.
///
/// What a worker holds is known after each chunk of it, what is held outside of them several times a
/// second; so the limit can be passed by what comes in between.
struct MemoryWatch: Sendable {
  /// Of one worker or place, by stage; then dictionaries of strings.
  struct Use: Sendable {
    var stages: [Int]
    var dictionaries = 0
  }

  private let limit: Int
  private let uses: Locked<[Use?]>

  init(limit: Int, workerCount: Int) {
    self.limit = limit
    uses = Locked(Array(repeating: nil, count: workerCount))
  }

  /// Takes note of what worker `number` holds.
  func note(_ use: Use, ofWorker number: Int) { uses.withLock { $0[number] = use } }

  /// Adds what is held outside the workers, by stage, to what they hold.
  ///
  /// - Throws: ``MemoryLimitError`` when all together are over the limit.
  func check(held: [Int], _ stages: [Stage]) throws(MemoryLimitError) {
    var sums = held
    var dictionaries = 0
    for use in uses.withLock({ $0 }) {
      guard let use else { continue }
      for (stage, bytes) in use.stages.enumerated() { sums[stage] += bytes }
      dictionaries += use.dictionaries
    }
    guard sums.reduce(dictionaries, +) > limit else { return }
    throw MemoryLimitError(
      limit: limit, dictionaryBytes: dictionaries,
      stageBytes: zip(stages, sums).map { stage, bytes in
        (stage.name.isEmpty ? stage.kind.rawValue : "\(stage.kind.rawValue) \(stage.name)", bytes)
      })
  }
}

/// A run that holds more than its limit.
public struct MemoryLimitError: Error, CustomStringConvertible {
  public let limit: Int
  /// Of the distinct strings that decoders know.
  public let dictionaryBytes: Int
  public let stageBytes: [(name: String, byteCount: Int)]

  public var description: String {
    let parts =
      stageBytes.sorted { $0.byteCount > $1.byteCount }.prefix(3).filter { $0.byteCount > 0 }
      .map { "\($0.name) \($0.byteCount)" } + ["distinct strings \(dictionaryBytes)"]
    let sum = stageBytes.reduce(dictionaryBytes) { $0 + $1.byteCount }
    return "memory.limit: the run holds \(sum) bytes, over the limit of \(limit): "
      + parts.joined(separator: ", ")
      + "; raise the limit, or bound what grows: a smaller memory.vocabularies, "
      + "slice_budget for slices, fewer keys, shorter windows or allowed_lateness"
  }
}
