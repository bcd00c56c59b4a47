import Dataflow
import EventTime
import FileIO
import FileIOTesting
import Testing

@testable import CommandLineTool

/// Every record read has one fate, and every bad one is set aside as it was.
@Suite struct BooksTests {
  struct Letter: Hashable, Sendable {
    var record: [UInt8]
    /// Part of the reason.
    var reason: String

    init(_ record: String, _ reason: String) { self.init(Array(record.utf8), reason) }

    init(_ record: [UInt8], _ reason: String) {
      self.record = record
      self.reason = reason
    }
  }

  struct Case: Sendable, CustomStringConvertible {
    var description: String
    var format = "jsonl"
    var bytes: [UInt8]
    var ledger: Ledger
    /// In the order of the file.
    var letters: [Letter] = []
    var filter: String?

    init(
      _ name: String, _ text: String, aggregated: Int, letters: [Letter] = [], filtered: Int = 0,
      late: Int = 0, filter: String? = nil
    ) {
      self.init(name, Array(text.utf8), aggregated: aggregated, letters: letters)
      self.filter = filter
      ledger.filtered = filtered
      ledger.late = late
      ledger.read += filtered + late
    }

    init(_ name: String, _ bytes: [UInt8], aggregated: Int, letters: [Letter] = []) {
      description = name
      self.bytes = bytes
      self.letters = letters
      ledger = Ledger()
      ledger.read = aggregated + letters.count
      ledger.aggregated = aggregated
      ledger.quarantined = letters.count
    }

    func of(_ format: String) -> Case {
      var copy = self
      copy.format = format
      return copy
    }
  }

  private static let good = #"{"at": 1000, "fare": 1.5, "company": "a"}"#
  private static let noTime = #"{"fare": 1.5, "company": "c"}"#

  static let jsonCases = [
    Case("an empty file", "", aggregated: 0),
    Case("blank lines", "\n \n\r\n\t\n", aggregated: 0),
    Case("one whole line without line end", good, aggregated: 1),
    Case(
      "poison between", "\(good)\nnot json\n\(good)\n{\"at\": \"x\"}\n[1]\n\(good)\n",
      aggregated: 3,
      letters: [
        Letter("not json", ""), Letter(#"{"at": "x"}"#, "at"), Letter("[1]", ""),
      ]),
    Case(
      "a truncated last line", "\(good)\n{\"at\": 2000, \"fa", aggregated: 1,
      letters: [Letter(#"{"at": 2000, "fa"#, "cut short")]),
    Case(
      "CRLF", "\(good)\r\nbad\r\n\(noTime)\r\n\(good)\r\n", aggregated: 2,
      letters: [Letter("bad", ""), Letter(noTime, "at: the event time is missing")]),
    Case(
      "a byte order mark", "\u{FEFF}\(good)\n\(good)\n", aggregated: 2),
    Case(
      "a byte order mark and no event time", "\u{FEFF}\(noTime)\n\(good)\n", aggregated: 1,
      letters: [Letter(noTime, "missing")]),
    Case(
      "no event time, after blank and bad lines",
      "\n  \n\(noTime)\nbad\n\n\(noTime) \n\(good)\nworse\n\(noTime)", aggregated: 1,
      letters: [
        Letter(noTime, "missing"), Letter("bad", ""), Letter(noTime + " ", "missing"),
        Letter("worse", ""), Letter(noTime, "missing"),
      ]),
    Case(
      "a filter", "\(good)\n{\"at\": 1, \"fare\": 9}\n{\"at\": 5}\nbad\n", aggregated: 1,
      letters: [Letter("bad", "")], filtered: 2, filter: "fare < 2"),
    Case(
      "late rows", "\(good)\n{\"at\": 90000}\n\(good)\n{\"at\": 60000}\n", aggregated: 3, late: 1),
    Case(
      "late and filtered at once: filtered",
      "{\"at\": 90000, \"fare\": 1}\n{\"at\": 1, \"fare\": 9}\n{\"at\": 1, \"fare\": 1}\n",
      aggregated: 1, filtered: 1, late: 1, filter: "fare < 2"),
    Case(
      "Latin-1",
      Array("\(good)\n".utf8) + Array("{\"at\": 1, \"company\": \"Z".utf8) + [0xFC]
        + Array("rich\"}\n\(good)\n".utf8),
      aggregated: 2,
      letters: [
        Letter(Array("{\"at\": 1, \"company\": \"Z".utf8) + [0xFC] + Array("rich\"}".utf8), "")
      ]),
    Case(
      "no text at all", [UInt8](0...255), aggregated: 0,
      letters: [
        Letter([UInt8](0..<10), ""), Letter([UInt8](11...255), ""),
      ]),
  ]

  private static let header = "at,fare,company\n"

  static let csvCases = [
    Case("no header", "", aggregated: 0),
    Case("a header alone", header, aggregated: 0),
    Case(
      "quoted line ends", header + "1,2,\"a\nb\"\n2,3,\"c\"\"\r\n\"\r\n", aggregated: 2),
    Case(
      "a byte order mark, a bad record and no event time",
      "\u{FEFF}\(header),1,a\n1,2,b\n1,2\n\n1,x,d\n,3,\"e\nf\"\n1,1,g", aggregated: 2,
      letters: [
        Letter(",1,a", "missing"), Letter("1,2", ""), Letter("1,x,d", "fare"),
        Letter(",3,\"e\nf\"", "missing"),
      ]),
    Case(
      "a quote that is not closed", header + "1,2,b\n2,3,\"c\nd\n", aggregated: 1,
      letters: [Letter("2,3,\"c\nd", "cut short")]),
  ].map { $0.of("csv") }

  static var tfrecordCases: [Case] {
    let good = TFExampleBytes.record(TFExampleBytes.example(at: 1000, fare: 1, company: "a"))
    let noTime = TFExampleBytes.record(TFExampleBytes.example(at: nil, fare: 2, company: "b"))
    let noise = TFExampleBytes.record([0xFF, 0x00, 0x0A])
    return [
      Case("no record", [], aggregated: 0),
      Case(
        "no event time, and no message", good + noTime + good + noise + noTime, aggregated: 2,
        letters: [Letter(noTime, "missing"), Letter(noise, ""), Letter(noTime, "missing")]),
      Case(
        "the last record cut", good + Array(good.dropLast(3)), aggregated: 1,
        letters: [Letter(Array(good.dropLast(3)), "")]),
    ].map { $0.of("tfrecord") }
  }

  @Test(arguments: jsonCases + csvCases + tfrecordCases)
  func `the books close, and bad records are kept as they were`(_ example: Case) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("in.\(example.format)", example.bytes)
    let plan = try Self.plan(example, paths: [path], in: directory)
    for settings in Self.settings {
      let run = try EngineRun(plan, settings)
      let place = Comment(rawValue: "\(settings)")
      #expect(run.ledgers == [example.ledger], place)
      #expect(run.ledgers.allSatisfy { $0.isBalanced }, place)
      let letters = run.contents.letters.sorted { $0.offset < $1.offset }
      try #require(letters.count == example.letters.count, place)
      var from = 0
      for (letter, expected) in zip(letters, example.letters) {
        #expect(letter.bytes == expected.record, "\(settings), \(letter.reason)")
        #expect(expected.reason.isEmpty || letter.reason.contains(expected.reason), place)
        #expect(!letter.reason.isEmpty && letter.split == path, place)
        // The record stands where the letter says, after the one before it.
        #expect(letter.offset >= from, place)
        from = letter.offset + letter.bytes.count
        try #require(from <= example.bytes.count, place)
        #expect(Array(example.bytes[letter.offset..<from]) == letter.bytes, place)
      }
    }
  }

  @Test(arguments: Compression.allCases)
  func `a compressed file has the books of what it holds`(_ compression: Compression) throws {
    for example in Self.jsonCases + Self.csvCases + Self.tfrecordCases {
      let directory = try TemporaryDirectory()
      let path = try directory.write(
        "in.\(example.format).\(compression.rawValue)",
        Compressing.frame(example.bytes, compression))
      let plan = try Self.plan(example, paths: [path], in: directory)
      for settings in Self.settings.prefix(2) {
        let run = try EngineRun(plan, settings)
        #expect(run.ledgers == [example.ledger], "\(example), \(settings)")
        let letters = run.contents.letters.sorted { $0.offset < $1.offset }
        #expect(letters.map(\.bytes) == example.letters.map(\.record), "\(example)")
      }
    }
  }

  @Test func `a row too far ahead of the clock is set aside, and moves no watermark`() throws {
    let directory = try TemporaryDirectory()
    let future = #"{"at": 99999999999000, "fare": 1}"#
    let path = try directory.write("in.jsonl", "\(Self.good)\n\(future)\n\(Self.good)\n")
    var example = Case("", "", aggregated: 0)
    example.bytes = []
    let plan = try Self.plan(example, paths: [path], in: directory, skew: "5m")
    for settings in Self.settings {
      let run = try EngineRun(plan, settings)
      #expect(run.ledgers.map(\.aggregated) == [2] && run.ledgers.map(\.quarantined) == [1])
      let letter = try #require(run.contents.letters.first)
      #expect(letter.bytes == Array(future.utf8) && letter.reason.contains("ahead"))
      #expect(letter.eventTime?.microseconds == 99_999_999_999_000_000)
    }
  }

  @Test func `many files, each with its own books`() throws {
    let directory = try TemporaryDirectory()
    let cases = Self.jsonCases.filter { $0.filter == nil }
    let paths = try cases.enumerated().map {
      try directory.write("in/\(100 + $0).jsonl", $1.bytes)
    }
    let plan = try Self.plan(cases[0], paths: paths, in: directory)
    for settings in Self.settings {
      let run = try EngineRun(plan, settings)
      #expect(run.ledgers == cases.map(\.ledger), "\(settings)")
      for (path, example) in zip(paths, cases) {
        let letters = run.contents.letters.filter { $0.split == path }
        let records = letters.sorted { $0.offset < $1.offset }.map(\.bytes)
        #expect(records == example.letters.map(\.record), "\(example), \(settings)")
      }
    }
  }

  private static let settings = [
    EngineRun.Settings(workers: 1, batchRows: 1024, chunkBytes: 1 << 20),
    EngineRun.Settings(workers: 3, batchRows: 2, chunkBytes: 5),
    EngineRun.Settings(workers: 2, batchRows: 1, chunkBytes: 60),
  ]

  private static func plan(
    _ example: Case, paths: [String], in directory: TemporaryDirectory, skew: String? = nil
  ) throws -> JobPlan {
    var lines = [
      "job: books",
      "source: { files: { paths: [\(paths.joined(separator: ", "))], format: \(example.format) } }",
      "schema: { at: timestamp_ms, fare: float, company: string }",
    ]
    let guardText = skew.map { ", max_future_skew: \($0)" } ?? ""
    lines.append("event_time: { column: at, max_out_of_orderness: 25s, late: drop\(guardText) }")
    if let filter = example.filter { lines.append("filter: \(filter)") }
    lines += [
      "windows: { fixed: 10s, allowed_lateness: 50s }",
      "aggregate: { keys: [company], values: { n: count(), total: sum(fare) } }",
      "output: { snapshots: out }",
    ]
    let yaml = lines.joined(separator: "\n")
    return try EngineRun.plan(yaml, at: try directory.write("job.yaml", yaml))
  }
}
