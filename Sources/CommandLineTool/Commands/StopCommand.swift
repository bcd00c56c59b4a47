import ArgumentParser
import Checkpoints
import Dataflow
import EventTime
import FileIO
import Formats
import Foundation
import Runtime
import Snapshots

/// `limno stop STATE`: ends a run from outside.
struct StopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "End a running job, to be taken up later or for good.",
    discussion: """
      Asks the run that owns the state directory to stop reading, write a checkpoint and end, and \
      waits until it has. `limno run` goes on from there.

      With --drain every window fires and closes first, as at the end of the input, and the results \
      are published: the run is over, and its state says so. A drain that has begun and is not \
      finished when the run ends (a crash, the grace time) is finished by the next `limno run`, at the \
      same rows.

      Exits 0 when the run has ended as asked, 1 when it has not.
      """)

  @Argument(help: "The state directory of a job.", completion: .directory)
  var directory: String

  @Flag(help: "Close all windows and publish them: the end of the run.")
  var drain = false

  @Option(
    help: "How long the run may take, such as 30s (default: 30s, with --drain 10m).",
    transform: Interval.argument)
  var grace: Interval?

  @OptionGroup var options: SnapshotOutputOptions

  func run() throws {
    try reportingErrors {
      let wasRunning = try StateDirectory.isOwned(directory)
      let wasServed = try wasRunning ? ask() : true
      let catalog = CheckpointCatalog(path: directory)
      let number = try catalog.numbers().last
      let summary = try number.map {
        try CheckpointSummary(state: try catalog.read($0).checkpoint.state)
      }
      let isOver = summary?.isComplete ?? false
      if !wasServed { throw try crash(isOver: isOver) }
      if !wasRunning && drain && !isOver {
        throw SnapshotError(
          directory, "no run is on, so nothing can be drained: run the job, then ask again")
      }
      show(summary, number, wasRunning: wasRunning)
    }
  }

  /// Leaves the request, and waits until the run has ended; whether it did what it was asked.
  private func ask() throws -> Bool {
    let seconds = Double((grace ?? (drain ? .minutes(10) : .seconds(30))).microseconds) / 1e6
    let request = StopRequest(id: JobPlan.attempt, drains: drain, graceSeconds: seconds)
    try request.write(in: directory, attempt: JobPlan.attempt)
    // The run needs a moment to see it.
    let deadline = Date(timeIntervalSinceNow: seconds + 2)
    var isServed = false
    var round = 0
    while Date() < deadline {
      isServed = try isServed || StopRequest.read(in: directory) == nil
      // To look is to hold the lock for a moment: often only when the end is near.
      if isServed || round.isMultiple(of: 20), try !StateDirectory.isOwned(directory) {
        return try StopRequest.read(in: directory) == nil
      }
      round += 1
      Thread.sleep(forTimeInterval: 0.05)
    }
    throw SnapshotError(
      directory,
      "the run has not ended in \(seconds) s; the request stands, and the run knows of it")
  }

  private func crash(isOver: Bool) throws -> SnapshotError {
    let hasBegun = try StopRequest.read(in: directory)?.positions != nil
    return SnapshotError(
      directory,
      "the run ended before it had done what was asked; the next `limno run` "
        + (isOver
          ? "makes the rest of its last checkpoint visible"
          : hasBegun
            ? "finishes the drain"
            : "goes on from its last checkpoint" + (drain ? ": ask again then" : "")))
  }

  private func show(_ summary: CheckpointSummary?, _ number: Int?, wasRunning: Bool) {
    if options.output == .json {
      var writer = JSONWriter()
      writer.beginObject()
      for (name, value) in [
        ("was_running", wasRunning), ("is_complete", summary?.isComplete ?? false),
        ("is_drained", summary?.isDrained ?? false),
      ] {
        writer.key(name)
        writer.value(value)
      }
      if let number, let summary {
        writer.member("checkpoint", number)
        writer.member("rows", summary.total.read)
        writer.member("panes", summary.paneCount)
        writer.member("open_windows", summary.windows.count)
      }
      writer.endObject()
      return print(writer.text)
    }
    guard let number, let summary else { return print("no run is on, and there is no checkpoint") }
    let books =
      "checkpoint \(number), \(summary.total.read.grouped) rows read, "
      + "\(summary.paneCount.grouped) panes published"
    if summary.isDrained {
      print("\(wasRunning ? "drained" : "was drained before"): every window is closed; \(books)")
    } else if summary.isComplete {
      print("the run had come to its end; \(books)")
    } else {
      print(
        "\(wasRunning ? "stopped" : "no run is on"); \(books), "
          + "\(summary.windows.count.grouped) windows with rows wait in it")
    }
  }
}
