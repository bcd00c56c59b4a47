import ArgumentParser
import Columns
import Dataflow
import EventTime
import FileIO
import Foundation

/// `limno validate JOB.yaml`: what a job would do.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check a job file and print what it would do.",
    discussion: "Reads the first records of the input to learn the columns; writes nothing.")

  @OptionGroup var options: JobOptions

  @Option(help: "Worker threads to reckon memory for (default: cores).")
  var workers: Int?

  func validate() throws {
    if let workers, workers < 1 { throw ValidationError("--workers must be at least 1") }
  }

  func run() throws {
    try reportingErrors {
      let plan = try options.plan()
      let memory = MemoryBound(
        plan, workers: workers ?? ProcessInfo.processInfo.activeProcessorCount)
      print(PlanText(plan, memory).text)
      try memory.check()
    }
  }
}

/// A plan for people to read.
struct PlanText {
  let plan: JobPlan
  let memory: MemoryBound

  init(_ plan: JobPlan, _ memory: MemoryBound) {
    self.plan = plan
    self.memory = memory
  }

  private static func watermark(_ time: Pipeline.EventTimePolicy) -> String {
    let bound =
      time.estimator.map { "estimated by \(type(of: $0).name)" }
      ?? "up to \(time.maxOutOfOrderness) out of order"
    return time.watermarkColumn.map { "the watermark follows \($0), \(bound)" } ?? bound
  }

  var text: String {
    let configuration = plan.configuration
    var lines = ["job \(configuration.name)"]
    lines += sources
    let time = plan.pipeline.eventTime
    if let column = time.column, plan.pipeline.join == nil {
      lines.append(
        "  event time  \(column), \(Self.watermark(time)); late rows are "
          + (time.keepsLateRows ? "kept in late_rows" : "dropped and counted"))
    } else if plan.pipeline.join == nil {
      lines.append("  event time  none: every window is global")
    }
    if plan.pipeline.join == nil {
      lines.append(
        "  columns     " + plan.pipeline.inputSchema.fields.map(describe).joined(separator: ", "))
    }
    if let filter = configuration.filter, let text = try? filter.string() {
      lines.append("  filter      \(text)")
    }
    lines += plan.models.map { "  model       \($0.text)" }
    for (index, stage) in configuration.stages.enumerated() {
      lines += self.lines(stage, plan.pipeline.stages[index])
      lines += plan.notes[index].map { "    \($0)" }
      lines += memory.stages[index].lines.map { "    memory      \($0)" }
    }
    lines += (memory.lines + [configuration.buffers.line]).map { "  memory      \($0)" }
    if let out = configuration.snapshots { lines.append("  output      \(out)") }
    return (lines + plan.warnings.map { "  warning: \($0)" }).joined(separator: "\n")
  }

  /// Where rows come from; with a join, of each side what else is said of it.
  private var sources: [String] {
    guard let join = plan.pipeline.join, let labels = plan.labels else {
      return ["  source      \(plan.input.description)"]
    }
    var lines: [String] = []
    for (side, input) in zip(JoinSide.allCases, [plan.input, labels]) {
      let bound = join.input(side)
      lines += [
        "  \(side.name)",
        "    source      \(input.description)",
        "    event time  \(bound.eventTime.column ?? ""), \(Self.watermark(bound.eventTime))",
        "    key         \(bound.key.joined(separator: ", "))",
        "    columns     "
          + bound.schema.fields.map { "\($0.name) \(FieldType.name(of: $0))" }
          .joined(separator: ", "),
      ]
    }
    return lines + [
      "  join        labels up to \(join.labelWait) after their prediction; at most "
        + "\(ByteCount(join.memoryLimit)) of rows that wait for each other"
    ]
  }

  private func describe(_ field: Field) -> String {
    let isInferred = plan.inferred.contains { $0.name == field.name }
    return "\(field.name) \(FieldType.name(of: field))\(isInferred ? " (inferred)" : "")"
  }

  private func lines(_ stage: StageConfiguration, _ bound: Stage) -> [String] {
    let windowing = stage.windowing
    let name = stage.title
    return [
      "  \(name)",
      "    windows     \(WindowText.describe(windowing)), lateness \(windowing.allowedLateness), "
        + (plan.pipeline.join == nil ? "" : "the wait for labels included, ")
        + windowing.accumulation.rawValue,
      "    trigger     \(windowing.trigger)",
      "    state       \(bound.accumulators.count) accumulators in \(bound.groupings.count) "
        + "grouping\(bound.groupings.count == 1 ? "" : "s")",
    ]
  }
}

/// Window functions for people to read.
enum WindowText {
  static func describe(_ windowing: WindowingStrategy) -> String {
    if let fixed = windowing.windowFn as? FixedWindows {
      let offset = fixed.offset == .zero ? "" : ", offset \(fixed.offset)"
      return "fixed \(fixed.size)\(offset)"
    }
    if let sliding = windowing.windowFn as? SlidingWindows {
      return "sliding \(sliding.size) every \(sliding.period)"
    }
    if let sessions = windowing.windowFn as? Sessions { return "sessions, gap \(sessions.gap)" }
    return windowing.windowFn is GlobalWindows ? "global" : "\(windowing.windowFn)"
  }
}
