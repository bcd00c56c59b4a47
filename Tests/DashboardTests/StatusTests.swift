import Dataflow
import EventTime
import Formats
import Testing

@testable import Dashboard

@Suite struct StatusTests {
  private static func ledger(_ scale: Int) -> Ledger {
    var ledger = Ledger()
    (ledger.aggregated, ledger.filtered, ledger.late, ledger.quarantined) = (
      10 * scale, 3 * scale, 2 * scale, scale
    )
    ledger.read = 16 * scale
    return ledger
  }

  private static func status(splits: [String] = ["in/\"a\"\\b\nc.jsonl", "topic/0"]) -> RunStatus {
    let second: Int64 = 1_000_000
    var report = RunReport(
      splits: splits.enumerated().map {
        SplitStatus(name: $1, offset: 100 * ($0 + 1), ledger: ledger($0 + 1))
      },
      watermark: Timestamp(microseconds: 1000 * second), refused: [[:], [window: 7]],
      openWindowCount: 5, paneCount: 9, byteCount: 300, holder: splits.first, isComplete: false)
    report.openWindowCounts = [2, 3]
    report.delivery = DeliveryStatus(stageCount: 2)
    report.delivery.paneCounts = [4, 5]
    for seconds in [0.0004, 0.2, 0.25, 1000] { report.delivery.deliveries.add(seconds: seconds) }
    report.delivery.lastCheckpoint = Timestamp(microseconds: 1055 * second)
    var status = RunStatus(
      job: "rides", version: "0.1.0",
      stages: [.init(kind: "transform", name: ""), .init(kind: "aggregate", name: "companies")],
      report: report, remaining: [.bytes(11), .records(22)] + splits.dropFirst(2).map { _ in nil },
      startedAt: Timestamp(microseconds: 900 * second), now: Timestamp(microseconds: 1060 * second))
    status.checkpointInterval = 10
    status.process = .init(residentByteCount: 1 << 20, cpuSeconds: 1.5, openFileCount: 7)
    return status
  }

  private static let window = Window(
    start: Timestamp(microseconds: 0), end: Timestamp(microseconds: 60_000_000))

  @Test func `metrics keep the grammar of the format and say what is`() throws {
    let metrics = try Exposition(RunMetrics(status: Self.status()).text)
    let odd = #"in/\"a\"\\b\nc.jsonl"#
    let expected: [String: Double] = [
      "limno_ready": 1, "limno_ledger_imbalance": 0, "limno_watermark_lag_seconds": 60,
      "limno_records_read_total{split=\"\(odd)\"}": 16,
      "limno_rows_total{split=\"topic/0\",fate=\"late\"}": 4,
      "limno_refused_rows_total{stage=\"aggregate companies\"}": 7,
      "limno_source_lag_bytes{split=\"\(odd)\"}": 11,
      "limno_consumer_lag_records{split=\"topic/0\"}": 22,
      "limno_panes_published_total{stage=\"aggregate companies\"}": 5,
      "limno_open_windows{stage=\"transform\"}": 2,
      "limno_publish_seconds_bucket{le=\"0.001\"}": 1,
      "limno_publish_seconds_bucket{le=\"0.25\"}": 3,
      "limno_publish_seconds_bucket{le=\"300\"}": 3,
      "limno_publish_seconds_bucket{le=\"+Inf\"}": 4,
      "limno_publish_seconds_count": 4, "limno_publish_seconds_sum": 0.0004 + 0.2 + 0.25 + 1000,
      "limno_checkpoint_age_seconds": 5, "process_resident_memory_bytes": 1_048_576,
    ]
    for (series, value) in expected { #expect(metrics[series] == value, "\(series)") }
  }

  @Test func `rows without a fate are an imbalance`() throws {
    var status = Self.status()
    status.report.splits[0].ledger.read += 3
    status.report.splits[1].ledger.late += 2
    let metrics = try Exposition(RunMetrics(status: status).text)
    #expect(metrics["limno_ledger_imbalance"] == 5, "they do not cancel out")
  }

  @Test func `rows of a label join have fates of their own`() throws {
    var status = Self.status()
    status.report.splits[0].ledger.read += 6
    status.report.splits[0].ledger.duplicate = 1
    status.report.splits[0].ledger.unmatched = 2
    status.report.splits[0].ledger.held = 3
    let metrics = try Exposition(RunMetrics(status: status).text)
    let split = #"split="in/\"a\"\\b\nc.jsonl""#
    #expect(metrics["limno_ledger_imbalance"] == 0)
    #expect(metrics["limno_rows_total{\(split),fate=\"unmatched\"}"] == 2)
  }

  @Test func `what buffers may take is told`() throws {
    var status = Self.status()
    status.buffers = .init(byteCount: 15, fetched: 8, inWork: 4, queued: 2, produced: 1)
    let metrics = try Exposition(RunMetrics(status: status).text)
    #expect(metrics["limno_buffer_limit_bytes{share=\"in_work\"}"] == 4)
    let json = try JSONValue(parsing: Array(StatusJSON(status).text.utf8))
    #expect(json["buffers"]?["limit_bytes"]?.integer == 15)
    #expect(json["buffers"]?["queued_limit_bytes"]?.integer == 2)
  }

  @Test func `many splits do not make many series`() throws {
    let status = Self.status(splits: (0..<1000).map { "\($0).jsonl" })
    let metrics = try Exposition(RunMetrics(status: status).text)
    let read = try #require(metrics.families["limno_records_read_total"])
    #expect(read.samples.count == RunMetrics.splitLimit + 1)
    #expect(read.samples.values.reduce(0, +) == Double(status.report.total.read))
  }

  @Test func `before the first watermark and after the last there is no lag`() throws {
    for watermark in [Timestamp.distantPast, .distantFuture] {
      var status = Self.status()
      status.report.watermark = watermark
      let metrics = try Exposition(RunMetrics(status: status).text)
      #expect(metrics["limno_watermark_lag_seconds"] == nil)
    }
  }

  @Test func `the JSON says the same`() throws {
    let json = try JSONValue(parsing: Array(StatusJSON(Self.status()).text.utf8))
    #expect(json["phase"]?.string == "running" && json["is_ready"]?.bool == true)
    #expect(json["watermark"]?.string == "1970-01-01T00:16:40Z")
    #expect(json["watermark_lag_seconds"]?.number == 60)
    #expect(json["ledger"]?["read"]?.integer == 48 && json["ledger_imbalance"]?.integer == 0)
    #expect(json["splits"]?[1]?["lag_records"]?.integer == 22)
    #expect(json["splits"]?[0]?["split"]?.string == "in/\"a\"\\b\nc.jsonl")
    #expect(json["stages"]?[1]?["stage"]?.string == "companies")
    #expect(json["checkpoints"]?["age_seconds"]?.number == 5)
  }

  @Test(
    arguments: [
      (RunReport.Phase.starting, 503, "starting"), (.running, 200, "running"),
      (.stopping, 503, "stopping"), (.draining, 503, "draining"), (.ended, 503, "ended"),
    ])
  func `a run is ready while it reads`(phase: RunReport.Phase, code: Int, word: String) {
    var status = Self.status()
    status.report.phase = phase
    let response = StatusResponse("/readyz", authorization: nil, token: nil) { status }
    #expect(response.code == code && response.body == word + "\n")
  }

  @Test func `a run that cannot publish is not ready, and alive`() {
    var status = Self.status()
    status.report.delivery.failure = .init(reason: "no space", since: status.now)
    let ready = StatusResponse("/readyz", authorization: nil, token: nil) { status }
    #expect(ready.code == 503 && ready.body == "blocked\n")
    let live = StatusResponse("/livez", authorization: nil, token: nil) { status }
    #expect(live.code == 200)
  }

  @Test(
    arguments: [
      (nil, 401), ("Bearer canary", 200), ("bearer canary", 200), ("Bearer canar", 401),
      ("Bearer canary2", 401), ("Basic canary", 401), ("canary", 401), ("Bearer ", 401),
    ] as [(String?, Int)])
  func `a token is asked for, and never told`(authorization: String?, code: Int) {
    let token = StatusEndpoint.Secret("canary")
    for path in ["/metrics", "/status", "/livez", "/readyz", "/", "/nowhere"] {
      let response = StatusResponse(path, authorization: authorization, token: token) {
        Self.status()
      }
      let isOpen = path != "/metrics" && path != "/status"
      #expect(isOpen || response.code == code, "\(path)")
      #expect(!response.body.contains("canary"))
    }
    #expect("\(token as Any) \(String(reflecting: token))".contains("canary") == false)
  }

  @Test(
    arguments: [
      ("127.0.0.1:9090", true, true), ("localhost:0", true, true), ("[::1]:80", true, true),
      (":9090", false, true), ("0.0.0.0:1", false, true), ("10.1.2.3:1", false, true),
      ("[::]:1", false, true), ("example.org:80", false, false), ("9090", false, false),
      ("127.0.0.1:", false, false), ("127.0.0.1:99999", false, false),
    ])
  func `an address off loopback needs a token`(
    address: String, isOpen: Bool, isValid: Bool
  ) {
    let token = StatusEndpoint.Secret("x")
    let endpoints = [nil, token].map { try? StatusEndpoint(address, token: $0) }
    #expect((endpoints[0] != nil) == isOpen && (endpoints[1] != nil) == isValid)
    #expect(StatusEndpoint.Secret("") == nil)
  }
}
