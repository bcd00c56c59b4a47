import ArgumentParser
import Checkpoints
import Dataflow
import EventTime
import FileIO
import Formats
import Runtime
import Snapshots

/// `limno checkpoint …`: looks at what a job can go on from.
struct CheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "List, verify and inspect checkpoints.",
    subcommands: [
      CheckpointListCommand.self, CheckpointVerifyCommand.self, CheckpointInspectCommand.self,
    ])
}

/// `limno checkpoint list STATE`.
struct CheckpointListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the checkpoints of a job, the newest last.")

  @Argument(help: "The state directory of a job.", completion: .directory)
  var directory: String

  @OptionGroup var options: SnapshotOutputOptions

  func run() throws {
    try reportingErrors {
      let catalog = CheckpointCatalog(path: directory)
      var table = Table([
        ("checkpoint", .right), ("rows", .right), ("panes", .right), ("watermark", .left),
        ("windows", .right), ("bytes", .right), ("", .left),
      ])
      var writer = JSONWriter()
      writer.beginArray()
      for number in try catalog.numbers() {
        do {
          let (manifest, checkpoint) = try catalog.read(number)
          let summary = try CheckpointSummary(state: checkpoint.state)
          let byteCount = manifest.files.values.reduce(0) { $0 + $1.byteCount }
          table.add([
            "\(number)", summary.total.read.grouped, summary.paneCount.grouped,
            CheckpointInspectCommand.name(of: summary.watermark), summary.windows.count.grouped,
            byteCount.grouped, summary.ending ?? "",
          ])
          writer.write(number, summary, byteCount: byteCount)
        } catch let error as CheckpointError where error.code == .damaged {
          table.add(["\(number)", "", "", "", "", "", "DAMAGED: \(error)"])
          writer.beginObject()
          writer.key("checkpoint")
          writer.value(number)
          writer.key("damage")
          writer.value("\(error)")
          writer.endObject()
        }
      }
      writer.endArray()
      print(options.output == .json ? writer.text : table.text)
    }
  }
}

/// `limno checkpoint verify STATE`.
struct CheckpointVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Recompute every digest of every checkpoint.",
    discussion: "Exits 1 if anything is not what was written.")

  @Argument(help: "The state directory of a job.", completion: .directory)
  var directory: String

  func run() throws {
    try reportingErrors {
      let catalog = CheckpointCatalog(path: directory)
      let numbers = try catalog.numbers()
      var faultCount = 0
      for number in numbers {
        do {
          _ = try CheckpointSummary(state: try catalog.read(number).checkpoint.state)
        } catch {
          print(error)
          faultCount += 1
        }
      }
      let journal = try catalog.journal()
      for fault in journal.faults { print(fault) }
      faultCount += journal.faults.count
      guard faultCount == 0 else {
        printError("\(faultCount.grouped) faults")
        throw ExitStatus.failure
      }
      print(
        "\(numbers.count.grouped) checkpoints, \(journal.byteCount.grouped) bytes of journal: "
          + "all as written")
    }
  }
}

/// `limno checkpoint inspect STATE [NUMBER]`.
struct CheckpointInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show what a checkpoint knows: splits and open windows.")

  @Argument(help: "The state directory of a job.", completion: .directory)
  var directory: String

  @Argument(help: "The number of the checkpoint (default: the newest).")
  var number: Int?

  @OptionGroup var options: SnapshotOutputOptions

  func run() throws {
    try reportingErrors {
      let catalog = CheckpointCatalog(path: directory)
      guard let number = try number ?? catalog.numbers().last else {
        throw SnapshotError(directory, "holds no checkpoints")
      }
      let (manifest, checkpoint) = try catalog.read(number)
      let summary = try CheckpointSummary(state: checkpoint.state)
      if options.output == .json {
        var writer = JSONWriter()
        let byteCount = manifest.files.values.reduce(0) { $0 + $1.byteCount }
        writer.write(number, summary, byteCount: byteCount)
        print(writer.text)
      } else {
        print(text(manifest, summary))
      }
    }
  }

  private func text(_ manifest: CheckpointManifest, _ summary: CheckpointSummary) -> String {
    var splits = Table([
      ("split", .left), ("offset", .right), ("read", .right), ("late", .right),
      ("quarantined", .right),
    ])
    for split in summary.splits {
      let ledger = split.ledger
      splits.add([
        split.name, split.offset.grouped, ledger.read.grouped, ledger.late.grouped,
        ledger.quarantined.grouped,
      ])
    }
    var windows = Table([("stage", .right), ("window", .left), ("parts", .right)])
    for window in summary.windows {
      let key = window.key.map(\.text).joined(separator: ", ")
      windows.add([
        "\(window.stage)", window.window.description + (key.isEmpty ? "" : " " + key),
        "\(window.partCount)",
      ])
    }
    let head =
      "checkpoint \(manifest.number) of job '\(manifest.identity.job)'"
      + (summary.ending.map { ", \($0) of the run" } ?? "")
      + "\nwatermark \(Self.name(of: summary.watermark)), "
      + "\(summary.paneCount.grouped) panes published"
    return [head, splits.text, windows.text].joined(separator: "\n\n")
  }

  static func name(of time: Timestamp) -> String {
    switch time {
    case .distantPast: "distant past"
    case .distantFuture: "distant future"
    default: time.description
    }
  }
}

extension CheckpointSummary {
  /// How the run came to its end; `nil` if it goes on.
  fileprivate var ending: String? {
    isDrained ? "the end by a drain" : isComplete ? "the end" : nil
  }
}

extension JSONWriter {
  fileprivate mutating func write(
    _ number: Int, _ summary: CheckpointSummary, byteCount: Int
  ) {
    beginObject()
    for (name, count) in [
      ("checkpoint", number), ("bytes", byteCount), ("panes", summary.paneCount),
    ] {
      key(name)
      value(count)
    }
    key("is_complete")
    value(summary.isComplete)
    if summary.isDrained {
      key("is_drained")
      value(true)
    }
    key("watermark")
    value(CheckpointInspectCommand.name(of: summary.watermark))
    key("ledger")
    write(summary.total)
    key("splits")
    beginArray()
    for split in summary.splits {
      beginObject()
      key("split")
      value(split.name)
      key("offset")
      value(split.offset)
      key("ledger")
      write(split.ledger)
      endObject()
    }
    endArray()
    key("windows")
    beginArray()
    for window in summary.windows {
      beginObject()
      key("stage")
      value(window.stage)
      key("window")
      value(window.window.description)
      key("parts")
      value(window.partCount)
      endObject()
    }
    endArray()
    endObject()
  }
}
