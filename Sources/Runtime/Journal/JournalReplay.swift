import ByteCoding
import Columns
import Dataflow
import EventTime

/// Does again what a journal says: the same chunks by the same workers, the same steps of the
/// coordinator, and so the same panes, whatever they hung on.
///
/// On one thread; time, idleness and the order of arrival are the journal's.
struct JournalReplay {
  /// What was noted between one checkpoint and the next.
  private let frames: [[JournalRecord]]
  private let pipeline: Pipeline
  private let source: any Source
  private let coordinator: Locked<Coordinator>
  private let collector: PaneCollector
  private let queue: SinkQueue
  private let workers: [Worker]
  private var chunks: ReplayedChunks
  /// How many chunks of each split came before.
  private let firsts: [Int]
  /// Processed and not reported, by split and offset.
  private var reports: [[Int]: ChunkReport] = [:]
  private var due: [DueFiring] = []
  /// What workers held for the first that is due.
  private var extracted: [PaneContent?] = []

  /// - Throws: What the source throws when it has no decoder.
  init(
    _ frames: [[JournalRecord]], _ pipeline: Pipeline, _ source: any Source, batchRows: Int,
    coordinator: Locked<Coordinator>, collector: PaneCollector, queue: SinkQueue
  ) throws {
    self.frames = frames
    self.pipeline = pipeline
    self.source = source
    self.coordinator = coordinator
    self.collector = collector
    self.queue = queue
    workers = try (0..<Self.workerCount(frames.joined())).map { number in
      Worker(
        number, pipeline: pipeline, decoders: try source.makeDecoders(), batchRows: batchRows,
        journal: nil)
    }
    chunks = ReplayedChunks(source, frames.joined())
    firsts = coordinator.withLock { $0.splits.map(\.next) }
  }

  /// Does all of it; what is not published is held by the collector then.
  ///
  /// At a checkpoint, as in the run, workers give away what they hold: which rows stand together in
  /// one merged window, and so leave with one early pane, depends on it.
  /// - Throws: `JournalError` if the records do not go with the source or with one another.
  mutating func run() throws {
    for frame in frames {
      try run(frame)
      guard due.isEmpty, reports.isEmpty else {
        throw JournalError(
          "a checkpoint comes with \(due.count) panes due, \(reports.count) chunks in work")
      }
      collector.absorb(from: workers)
    }
  }

  private mutating func run(_ records: [JournalRecord]) throws {
    for record in records {
      switch record {
      case .chunk(let chunk): try accumulate(chunk)
      case .extraction(let worker, let isLast): try extract(worker, isLast: isLast)
      case .start(let now): take(.start(at: now))
      case .addSplit(let name):
        let side = source.side(of: name)
        coordinator.withLock { $0.addSplit(name, side: side) }
      case .beginLease(let split): _ = coordinator.withLock { $0.beginLease(split: split) }
      case .endLease(let split, let isCaughtUp, let isFinished):
        take(.endLease(split: split, isCaughtUp: isCaughtUp, isFinished: isFinished))
      case .report(let split, let offset, let now):
        guard let report = reports.removeValue(forKey: [split, offset]) else {
          throw JournalError("the chunk at byte \(offset) of split \(split) is reported unread")
        }
        take(.report(report, at: now))
      case .tick(let now): take(.tick(now))
      case .endOfInput: take(.endOfInput)
      case .drain: take(.drain)
      }
    }
  }

  /// The most workers that a process in `records` had.
  private static func workerCount(_ records: some Sequence<JournalRecord>) -> Int {
    records.reduce(0) { count, record in
      switch record {
      case .chunk(let chunk): max(count, chunk.worker + 1)
      case .extraction(let worker, _): max(count, worker + 1)
      default: count
      }
    }
  }

  private mutating func take(_ step: CoordinatorStep) {
    let fired = coordinator.withLock { $0.take(step) }
    guard pipeline.join == nil else {
      for due in fired { collector.finish(due, new: due.content) }
      return
    }
    due += fired
  }

  private mutating func accumulate(_ chunk: JournalRecord.Chunk) throws {
    let name = coordinator.withLock { $0.splits.map(\.name) }[chunk.split]
    let first = firsts.indices.contains(chunk.split) ? firsts[chunk.split] : 0
    let (lease, buffer) = try chunks.take(chunk, of: name, first: first)
    let done = workers[chunk.worker].process(lease, buffer, split: name, now: chunk.now) { _ in
      chunk.priorMaximum
    }
    guard let (report, letters) = done else { preconditionFailure("a replayed chunk was given up") }
    if !letters.isEmpty { try queue.quarantine(letters) }
    reports[[chunk.split, chunk.bytes.lowerBound]] = report
  }

  private mutating func extract(_ worker: Int, isLast: Bool) throws {
    guard let next = due.first else {
      throw JournalError("worker \(worker) gives content, and no pane is due")
    }
    extracted.append(workers[worker].extract(next, isLast: isLast))
    guard isLast else { return }
    collector.finish(due.removeFirst(), new: PaneContent.merged(extracted))
    extracted = []
  }
}
