import Dataflow

/// A label join by its definition, row by row in the one order, with nothing of the engine's.
struct NaiveJoin {
  /// A prediction that counts, and when; with its label, and when that counts.
  struct Pair {
    var prediction: RandomJoin.Row
    var release: Int64
    var label: (row: RandomJoin.Row, release: Int64)?
  }

  private struct Event {
    var row: RandomJoin.Row
    var key: String
    var isLabel: Bool
    var file: Int
    var position: Int
    var release: Int64
  }

  private(set) var pairs: [Pair] = []
  /// By split: predictions' files, then labels'.
  private(set) var ledgers: [Ledger]
  private let job: RandomJoin

  init(_ job: RandomJoin) {
    self.job = job
    ledgers = Array(repeating: Ledger(), count: job.predictions.count + job.labels.count)
    var events = read(job.predictions, isLabel: false) + read(job.labels, isLabel: true)
    events.sort { one, two in
      let order = { (event: Event) in
        (event.release, event.row.time, event.isLabel ? 1 : 0, event.file, event.position)
      }
      return order(one) < order(two)
    }
    for key in Set(events.map(\.key)) { join(events.filter { $0.key == key }) }
  }

  /// The start of the first and last window of `time`, and when a window closes.
  static func windows(_ time: Int64, _ stage: RandomJoin.StageSpec) -> [Int64] {
    let period = stage.every ?? stage.size
    var starts: [Int64] = []
    var start = time - time % period
    while start + stage.size > time {
      starts.append(start)
      start -= period
    }
    return starts
  }

  func closing(_ start: Int64, _ stage: RandomJoin.StageSpec) -> Int64 {
    start + stage.size + stage.lateness + job.wait
  }

  /// When all windows of `time` are closed.
  private func closing(_ time: Int64) -> Int64 {
    job.stages.flatMap { stage in Self.windows(time, stage).map { closing($0, stage) } }.max() ?? 0
  }

  private mutating func read(_ files: [[RandomJoin.Row]], isLabel: Bool) -> [Event] {
    var events: [Event] = []
    for (file, rows) in files.enumerated() {
      let split = isLabel ? job.predictions.count + file : file
      var greatest: Int64?
      for (position, row) in rows.enumerated() {
        ledgers[split].read += 1
        let watermark = greatest.map { $0 - job.outOfOrderness[isLabel ? 1 : 0] } ?? .min
        greatest = max(greatest ?? .min, row.time)
        guard let key = row.key else {
          ledgers[split].quarantined += 1
          continue
        }
        if !isLabel, job.hasFilter, row.score <= 2 {
          ledgers[split].filtered += 1
        } else if watermark >= closing(row.time) {
          ledgers[split].late += 1
        } else {
          events.append(
            Event(
              row: row, key: key, isLabel: isLabel, file: split, position: position,
              release: max(row.time, watermark)))
        }
      }
    }
    return events
  }

  /// The rows of one key, in order.
  private mutating func join(_ events: [Event]) {
    var current: (event: Event, pair: Int)?
    var pending: [Event] = []
    for event in events {
      if let held = current, event.release >= closing(held.event.row.time) { current = nil }
      if event.isLabel {
        if let held = current, fits(event, held.event) {
          match(event, held, at: event.release)
        } else {
          pending.append(event)
        }
        continue
      }
      guard current == nil else {
        ledgers[event.file].duplicate += 1
        continue
      }
      pairs.append(Pair(prediction: event.row, release: event.release))
      ledgers[event.file].unmatched += 1
      let held = (event, pairs.count - 1)
      current = held
      for label in pending where fits(label, event) { match(label, held, at: event.release) }
      pending.removeAll { fits($0, event) }
    }
    for label in pending { ledgers[label.file].unmatched += 1 }
  }

  private mutating func match(_ label: Event, _ held: (event: Event, pair: Int), at release: Int64)
  {
    guard pairs[held.pair].label == nil else {
      ledgers[label.file].duplicate += 1
      return
    }
    pairs[held.pair].label = (label.row, release)
    ledgers[label.file].emitted += 1
    ledgers[held.event.file].unmatched -= 1
    ledgers[held.event.file].aggregated += 1
  }

  private func fits(_ label: Event, _ prediction: Event) -> Bool {
    prediction.row.time <= label.row.time && label.row.time <= prediction.row.time + job.wait
  }
}
