import ArgumentParser
import FileIO
import Report
import Snapshots

/// `limno report OUT -o report.html`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write one page with charts of everything that a job has published.",
    discussion: "The page needs no network and no other file.")

  @Argument(help: "The output directory of a job.", completion: .directory)
  var directory: String

  @Option(name: .shortAndLong, help: "Where the page is written.")
  var output = "report.html"

  func run() throws {
    try reportingErrors {
      let page = try Report(try SnapshotStore.existing(directory)).html
      try AtomicFile.write(Array(page.utf8), to: output, attempt: JobPlan.attempt)
      print("\(output): \(page.utf8.count.grouped) bytes")
    }
  }
}
