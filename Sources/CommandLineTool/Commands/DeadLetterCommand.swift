import ArgumentParser
import EventTime
import FileIO
import Formats
import Foundation
import Snapshots

/// `limno dlq …`: the records that a job could not use.
struct DeadLetterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dlq", abstract: "List dead letters, and give them back as input.",
    subcommands: [DeadLetterListCommand.self, DeadLetterReplayCommand.self])
}

/// `limno dlq list OUT`.
struct DeadLetterListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the records that a job has set aside.",
    discussion: """
      A table of how many there are by reason, and the records with where they came from; with \
      --output json a line each, with the bytes.
      """)

  @OptionGroup var selection: RecordSelection

  @Option(help: "The most records to show in a table.")
  var limit = 20

  @OptionGroup var options: SnapshotOutputOptions

  func validate() throws {
    if limit < 0 { throw ValidationError("--limit must not be negative") }
  }

  func run() throws {
    try reportingErrors {
      let kept = try selection.records()
      let records = kept.records
      let replayed = try ReplayedRecords.read(besides: kept.path)
      if options.output == .json {
        for record in records { print(json(record, isReplayed: replayed.contains(record.place))) }
        return
      }
      print(
        "\(records.count.grouped) record\(records.count == 1 ? "" : "s") in \(kept.place), "
          + "\(records.count { replayed.contains($0.place) }.grouped) replayed")
      guard !records.isEmpty else { return }
      print("\n" + reasons(records))
      guard limit > 0 else { return }
      print("\n" + table(records.prefix(limit), replayed))
      if records.count > limit {
        print("… and \((records.count - limit).grouped) more (--limit)")
      }
    }
  }

  /// How many there are by reason and split, the most first.
  private func reasons(_ records: [KeptRecord]) -> String {
    struct Kind: Hashable {
      var reason: String
      var split: String
    }
    var table = Table([
      ("records", .right), ("reason", .left), ("split", .left), ("first", .left), ("last", .left),
    ])
    let groups = Dictionary(grouping: records) { Kind(reason: $0.reason, split: $0.place.split) }
    let ordered = groups.sorted {
      ($1.value.count, $0.key.reason, $0.key.split) < ($0.value.count, $1.key.reason, $1.key.split)
    }
    for (kind, records) in ordered.prefix(max(limit, 20)) {
      let times = records.compactMap(\.eventTime)
      table.add([
        records.count.grouped, kind.reason, kind.split,
        times.min()?.description ?? "", times.max()?.description ?? "",
      ])
    }
    let rest = ordered.dropFirst(max(limit, 20))
    return table.text + (rest.isEmpty ? "" : "\n… and \(rest.count.grouped) more reasons")
  }

  private func table(
    _ records: some Sequence<KeptRecord>, _ replayed: Set<KeptRecord.Place>
  ) -> String {
    var table = Table([
      ("split", .left), ("offset", .right), ("event time", .left), ("reason", .left),
      ("record", .left), ("", .left),
    ])
    for record in records {
      table.add([
        record.place.split, record.place.offset.grouped, record.eventTime?.description ?? "",
        record.reason, Self.preview(record), replayed.contains(record.place) ? "replayed" : "",
      ])
    }
    return table.text
  }

  /// The start of a record, on one line.
  private static func preview(_ record: KeptRecord) -> String {
    guard let text = record.text else { return "\(record.bytes.count.grouped) bytes" }
    // One character each, whatever they would do to a terminal.
    let start = text.unicodeScalars.prefix(60).map { scalar in
      scalar.properties.generalCategory == .control ? "·" : Character(scalar)
    }
    return String(start) + (text.unicodeScalars.count > 60 ? "…" : "")
  }

  private func json(_ record: KeptRecord, isReplayed: Bool) -> String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("split", record.place.split)
    writer.member("offset", record.place.offset)
    writer.member("reason", record.reason)
    if let time = record.eventTime { writer.member("event_time", time.description) }
    writer.key("is_replayed")
    writer.value(isReplayed)
    if let text = record.text {
      writer.member("text", text)
    } else {
      writer.member("base64", Data(record.bytes).base64EncodedString())
    }
    writer.endObject()
    return writer.text
  }
}

/// `limno dlq replay OUT --to FILE`.
struct DeadLetterReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Write records that were set aside as an input file.",
    discussion: """
      For a job that has been mended: put the file where it reads (a followed directory takes it as \
      a new file), or run it over the file alone with `limno replay JOB.yaml --from FILE --out DIR`. \
      The bytes are those that were read.

      Each record is written once: what has been replayed is noted beside the dead letters, and left \
      out the next time.
      """)

  @OptionGroup var selection: RecordSelection

  @Option(help: "The file to write; there must be none yet.", completion: .file())
  var to: String

  @Option(help: "jsonl, csv or tfrecord (default: by the suffix of the file).")
  var format: FileFormat?

  @Option(help: "The first line of a CSV file: the names of the columns.")
  var header: String?

  @Flag(help: "Also records that have been replayed.")
  var again = false

  @OptionGroup var options: SnapshotOutputOptions

  func run() throws {
    try reportingErrors {
      let format = try format ?? FileFormat.of(to)
      if Compression(path: to) != nil {
        throw ValidationError("--to \(to): the file is written as it is, not compressed")
      }
      var writer = RecordFileWriter(format: format)
      if format == .csv {
        guard let header else {
          throw ValidationError("a CSV file begins with the names of its columns: give --header")
        }
        writer.header = Array(header.utf8)
      }
      let kept = try selection.records()
      let records = kept.records
      var replayed = try ReplayedRecords(besides: kept.path)
      let new = again ? records : records.filter { !replayed.places.contains($0.place) }
      let (bytes, refused) = writer.content(of: new)
      for record in refused.prefix(10) {
        printToError(
          "warning: \(record.place.split), position \(record.place.offset): would not be one record "
            + "of a \(format.rawValue) file; left out")
      }
      let places = new.map(\.place).filter { place in !refused.contains { $0.place == place } }
      if !places.isEmpty {
        try replayed.write(bytes, of: places, to: to, attempt: JobPlan.attempt)
      }
      show(written: places.count, before: records.count - new.count, refused: refused.count)
    }
  }

  private func show(written: Int, before: Int, refused: Int) {
    if options.output == .json {
      var writer = JSONWriter()
      writer.beginObject()
      writer.member("written", written)
      writer.member("replayed_before", before)
      writer.member("refused", refused)
      if written > 0 { writer.member("file", to) }
      writer.endObject()
      return print(writer.text)
    }
    var text =
      written == 0 ? "nothing to replay" : "\(written.grouped) records written to \(to)"
    if before > 0 {
      text += "; \(before.grouped) had been replayed before (--again takes them too)"
    }
    if refused > 0 { text += "; \(refused.grouped) cannot be in such a file" }
    print(text)
  }
}
