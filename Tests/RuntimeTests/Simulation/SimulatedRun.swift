import Aggregation
import Columns
import Dataflow
import DataflowTesting
import EventTime
import Expressions
import Formats

@testable import Runtime

/// The whole engine on one thread: a seed decides who does what next, and when time passes.
///
/// Coordinator, workers and collector are those of a real run; reading, processing and reporting of
/// a chunk are steps of their own, in any order that threads could bring about.
struct SimulatedRun {
  /// A chunk on its way through a worker.
  private struct Work {
    var lease: Lease
    var buffer: PaddedBuffer
    var worker: Int
  }

  /// How time passes: in steps of up to so many microseconds, and in so many after the last row.
  struct Pace {
    var step: Int64 = 9_000_000
    var restCount = 4
  }

  let script: SimulationScript
  let pace: Pace
  let stages: [AggregationStage]
  private(set) var judge: NaiveClockwork
  /// What is wrong, as soon as something is.
  private(set) var fault: String?
  private(set) var lastReport = Timestamp.distantPast
  private let pipeline: Pipeline
  private let clock: VirtualClock
  private let source: ScriptedSource
  private let coordinator: Locked<Coordinator>
  private let workers: [Worker]
  private let collector: PaneCollector
  private let published = Locked<[(pane: FiredPane, at: Timestamp)]>([])
  private var readers: [any SplitReader] = []
  /// Read and not processed, in order of reading; shape `[splits][chunks]`.
  private var inWork: [[Work]] = []
  /// Processed and not reported.
  private var reports: [ChunkReport] = []
  private var maxima: [Int64] = []
  private var sequences: [Int] = []
  private var hasEnded: [Bool] = []
  private var generator: SeededGenerator

  /// A random job.
  init(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    try self.init(SimulationScript(random: &generator), &generator)
  }

  init(
    _ script: SimulationScript, _ generator: inout SeededGenerator, pace: Pace = Pace()
  ) throws {
    self.script = script
    self.pace = pace
    stages = try script.windowings.indices.map { index in
      try AggregationStage(
        name: "s\(index)", keys: [.init("key", Formula("key").expression)],
        values: [
          .init("n", Formula("count()").expression),
          .init("total", Formula("sum(value)").expression),
        ], schema: ScriptedSource.schema)
    }
    pipeline = try Pipeline(
      schema: ScriptedSource.schema, eventTime: script.policy, filter: nil,
      stages: zip(stages, script.windowings).map {
        Pipeline.StageRequest($0.description, windowing: $1)
      })
    clock = VirtualClock(SimulationScript.start)
    source = ScriptedSource(script.splits, clock: clock)
    coordinator = Locked(Coordinator(pipeline))
    let batchRows = Int.random(in: 1...5, using: &generator)
    workers = (0..<Int.random(in: 1...3, using: &generator)).map {
      [pipeline, source] number in
      Worker(
        number, pipeline: pipeline, decoders: [source.makeDecoder()], batchRows: batchRows,
        journal: nil)
    }
    self.generator = generator
    collector = PaneCollector(
      stages: pipeline.stages, workers: workers, coordinator: coordinator, journal: nil,
      held: PaneCollector.start(of: pipeline),
      publish: { [published, clock] pane in
        published.withLock { $0.append((pane, clock.now)) }
      })
    collector.collect(.start(at: clock.now))
    judge = NaiveClockwork(script, now: clock.now)
    discover()
    // Known from the start, they hold the watermark before anything is read.
    check("start")
  }

  var panes: [FiredPane] { publications.map(\.pane) }
  var publications: [(pane: FiredPane, at: Timestamp)] { published.withLock { $0 } }
  var report: Coordinator { coordinator.withLock { $0 } }

  /// Runs to the end of the script, or to the first fault.
  mutating func run() {
    while fault == nil, !isOver {
      switch Int.random(in: 0..<8, using: &generator) {
      case 0, 1, 2: readSome()
      case 3, 4: processSome()
      case 5, 6: reportSome()
      default: letTimePass()
      }
    }
    for _ in 0..<pace.restCount where fault == nil { letTimePass() }
    guard fault == nil else { return }
    collector.collect(.endOfInput)
  }

  private var isOver: Bool {
    readers.count == script.splits.count && reports.isEmpty && inWork.allSatisfy(\.isEmpty)
      && judge.splits.indices.allSatisfy { index in
        let split = judge.splits[index]
        return split.readCount == split.script.rows.count
          && (hasEnded[index] || !split.script.ends)
      }
  }

  private mutating func discover() {
    for name in source.splits() where !judge.knows(name) {
      coordinator.withLock { $0.addSplit(name) }
      judge.add(name)
      readers.append(source.makeReader(of: name, from: 0))
      inWork.append([])
      maxima.append(.min)
      sequences.append(0)
      hasEnded.append(false)
    }
  }

  private mutating func check(_ step: String) {
    let found = coordinator.withLock { $0.watermark }
    if found != judge.watermark, fault == nil {
      fault = "after \(step) at \(clock.now): watermark \(found), expected \(judge.watermark)"
      for split in report.splits {
        let progress = split.progress(at: clock.now, script.policy)
        fault? += "\n  \(split.name) \(progress)"
      }
      fault? += "\nexpected\n" + judge.lines
    }
  }

  private mutating func readSome() {
    let open = readers.indices.filter { !hasEnded[$0] }
    guard let split = open.randomElement(using: &generator) else { return }
    let floor = coordinator.withLock { $0.beginLease(split: split) }
    let buffer = PaddedBuffer(capacity: 256)
    let bytes = ScriptedSource.recordSize * Int.random(in: 1...8, using: &generator)
    let expectedFloor = judge.beginRead(split)
    guard floor == expectedFloor else {
      fault = "\(split) at \(clock.now): floor \(floor), expected \(expectedFloor)"
      return
    }
    let chunk: SplitChunk?
    do { chunk = try readers[split].nextChunk(into: buffer, targetBytes: bytes) } catch {
      fault = "\(error)"
      return
    }
    guard let chunk, buffer.count > 0 else {
      let isEnded = chunk == nil
      collector.collect(.endLease(split: split, isCaughtUp: !isEnded, isFinished: isEnded))
      judge.nothingRead(split, isEnded: isEnded)
      hasEnded[split] = isEnded
      return check("an empty read of \(split)")
    }
    let lease = Lease(split: split, sequence: sequences[split], chunk: chunk, watermarkFloor: floor)
    sequences[split] += 1
    judge.read(split, rows: buffer.count / ScriptedSource.recordSize, isCaughtUp: chunk.isCaughtUp)
    let worker = workers.indices.randomElement(using: &generator) ?? 0
    inWork[split].append(Work(lease: lease, buffer: buffer, worker: worker))
  }

  private mutating func processSome() {
    let busy = inWork.indices.filter { !inWork[$0].isEmpty }
    guard let split = busy.randomElement(using: &generator) else { return }
    let work = inWork[split].removeFirst()
    let now = script.policy.futureSkew.limit == nil ? nil : clock.now
    judge.processed(split, now: clock.now)
    var greatest = maxima[split]
    let done = workers[work.worker].process(
      work.lease, work.buffer, split: judge.splits[split].script.name, now: now
    ) { own in
      defer { greatest = max(greatest, own) }
      return greatest
    }
    maxima[split] = greatest
    if let done { reports.append(done.0) }
  }

  private mutating func reportSome() {
    guard let index = reports.indices.randomElement(using: &generator) else { return }
    let report = reports.remove(at: index)
    collector.collect(.report(report, at: clock.now))
    lastReport = clock.now
    judge.reported(report.split, sequence: report.sequence, now: clock.now)
    check("a report of \(report.split)")
  }

  private mutating func letTimePass() {
    clock.advance(by: .microseconds(Int64.random(in: 0...pace.step, using: &generator)))
    discover()
    collector.collect(.tick(clock.now))
    judge.tick(clock.now)
    check("a tick")
  }
}
