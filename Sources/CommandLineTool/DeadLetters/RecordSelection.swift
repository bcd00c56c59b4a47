import ArgumentParser
import EventTime
import Snapshots

/// Which of the records that a run has set aside are meant.
struct RecordSelection: ParsableArguments {
  @Argument(
    help: """
      The output directory of a job, a file of dead letters or late rows, or a job file (.yaml), \
      whose dead letters may lie in a topic.
      """,
    completion: .file())
  var path: String

  @Flag(help: "Of a directory, the late rows that the job keeps, and not the dead letters.")
  var late = false

  @Option(help: "Only of splits whose name contains this; may be repeated.")
  var split: [String] = []

  @Option(help: "Only with a reason that contains this; may be repeated.")
  var reason: [String] = []

  @Option(
    help: "Only with an event time from then on (RFC 3339).", transform: Timestamp.argument)
  var from: Timestamp?

  @Option(help: "Only with an event time before that (RFC 3339).", transform: Timestamp.argument)
  var until: Timestamp?

  /// What is meant.
  func records() throws -> KeptRecords {
    var found = try KeptRecords(at: path, late: late)
    found.records.removeAll { !isMeant($0) }
    return found
  }

  private func isMeant(_ record: KeptRecord) -> Bool {
    guard split.isEmpty || split.contains(where: { record.place.split.contains($0) }),
      reason.isEmpty || reason.contains(where: { record.reason.contains($0) })
    else { return false }
    guard from != nil || until != nil else { return true }
    guard let time = record.eventTime else { return false }
    return time >= from ?? .distantPast && time < until ?? .distantFuture
  }
}
