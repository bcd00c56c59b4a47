import Dataflow

/// What the definition of lateness says of every row: computed row by row, with nothing of the
/// engine's.
struct NaiveFates {
  /// A window by its start, in milliseconds.
  struct Place: Hashable {
    var stage: Int
    var start: Int64
  }

  struct Row: Hashable {
    var file: Int
    /// Among the decodable rows of the file.
    var position: Int
    /// Against the watermark of its own file just before it.
    var isOnTime: Bool
  }

  private(set) var rows: [Place: [Row]] = [:]
  private(set) var refused: [Place: Int] = [:]
  private(set) var ledgers: [Ledger] = []

  init(_ job: RandomJob) {
    for (file, lines) in job.files.enumerated() { read(lines, file: file, job) }
  }

  private mutating func read(_ lines: [RandomRide], file: Int, _ job: RandomJob) {
    var ledger = Ledger()
    var watermark: Int64?
    var position = 0
    for line in lines {
      ledger.read += 1
      defer { if line.kind != .poison { position += 1 } }
      guard line.kind == .good else {
        ledger.quarantined += 1
        continue
      }
      let before = watermark
      watermark = max(watermark ?? .min, line.time - job.outOfOrderness * 1000)
      guard !job.hasFilter || (line.fare ?? 0) >= 2.5 else {
        ledger.filtered += 1
        continue
      }
      let takers = job.stages.indices.count { stage in
        take(line.time, before, file: file, position, stage: stage, job.stages[stage])
      }
      if takers > 0 { ledger.aggregated += 1 } else { ledger.late += 1 }
    }
    ledgers.append(ledger)
  }

  /// Whether the stage takes the row, in any of its windows.
  private mutating func take(
    _ time: Int64, _ watermark: Int64?, file: Int, _ position: Int, stage: Int,
    _ spec: RandomJob.StageSpec
  ) -> Bool {
    let period = (spec.every ?? spec.size) * 1000
    var start = time - (time - spec.offset * 1000) % period
    var isTaken = false
    while start + spec.size * 1000 > time {
      let place = Place(stage: stage, start: start)
      let end = start + spec.size * 1000
      start -= period
      if let watermark, watermark >= end + spec.lateness * 1000 {
        refused[place, default: 0] += 1
        continue
      }
      let isOnTime = watermark.map { $0 < end } ?? true
      rows[place, default: []].append(Row(file: file, position: position, isOnTime: isOnTime))
      isTaken = true
    }
    return isTaken
  }
}
