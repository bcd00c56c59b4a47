import FileIO
import FileIOTesting
import Formats
import Foundation
import Testing

@testable import CommandLineTool

/// What a run tells while it is on, as another process sees it.
@Suite struct RunStatusTests {
  private static func job(_ directory: TemporaryDirectory) throws -> String {
    let lines = (0..<2000).map { "{\"at\": \(1_788_220_800_000 + $0 * 10), \"n\": \($0)}\n" }
    try directory.write("in/a.jsonl", lines.joined() + "broken\n")
    return try directory.write(
      "job.yaml",
      """
      job: told
      source: { files: { paths: [\(directory.path)/in/*.jsonl], format: jsonl, follow: true } }
      schema: { at: timestamp_ms, n: int }
      event_time: { column: at, late: drop }
      windows: { fixed: 5s }
      aggregate: { values: { n: count() } }
      output: { snapshots: \(directory.path)/out }
      checkpoint: { directory: \(directory.path)/state, every: 20ms }

      """)
  }

  private struct Answer {
    var code: Int
    var head: String
    var body: String
  }

  /// Asks over a real socket, by the shell's own means.
  private static func get(
    _ path: String, at address: String, header: String = "X-None: 1", method: String = "GET"
  ) throws -> Answer {
    let port = try #require(address.split(separator: ":").last)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [
      "-c",
      """
      exec 3<>/dev/tcp/127.0.0.1/\(port)
      printf '\(method) \(path) HTTP/1.1\\r\\nHost: x\\r\\n\(header)\\r\\nConnection: close\\r\\n\\r\\n' >&3
      timeout 20 cat <&3
      """,
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    let blank = try #require(text.range(of: "\r\n\r\n"), "\(text)")
    return Answer(
      code: Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0,
      head: String(text[..<blank.lowerBound]), body: String(text[blank.upperBound...]))
  }

  /// The lines of the log so far.
  private static func log(_ process: RunningLimno) -> [JSONValue] {
    process.errorsSoFar.split(separator: "\n").compactMap {
      try? JSONValue(parsing: Array($0.utf8))
    }
  }

  private static func start(
    _ job: String, _ more: [String] = [], environment: [String: String] = [:]
  ) throws -> (process: RunningLimno, address: String) {
    let process = try Limno.start(
      ["run", job, "--output", "json", "--http", "127.0.0.1:0", "--log", "json"] + more,
      environment: environment)
    var address: String?
    try #require(
      process.waits {
        address = log(process).lazy.compactMap { $0["address"]?.string }.first
        return address != nil
      }, "\(process.errorsSoFar)")
    return (process, try #require(address))
  }

  @Test func `a run answers while it is on`() throws {
    let directory = try TemporaryDirectory()
    let (process, address) = try Self.start(try Self.job(directory))
    var status = JSONValue.null
    try #require(
      process.waits {
        status =
          (try? Self.get("/status", at: address)).flatMap {
            try? JSONValue(parsing: Array($0.body.utf8))
          } ?? .null
        return status["ledger"]?["read"]?.integer == 2001 && status["panes"]?.integer == 3
      }, "\(status)")
    #expect(status["phase"]?.string == "running" && status["job"]?.string == "told")
    #expect(status["ledger"]?["quarantined"]?.integer == 1)
    #expect(status["splits"]?[0]?["lag_bytes"]?.integer == 0)
    #expect(status["checkpoints"]?["written"]?.integer ?? 0 > 1)
    let ready = try Self.get("/readyz", at: address)
    #expect(ready.code == 200 && ready.body == "running\n")
    #expect(try Self.get("/livez", at: address).code == 200)
    #expect(try Self.get("/nothing", at: address).code == 404)
    #expect(try Self.get("/metrics", at: address, method: "POST").code == 405)
    let metrics = try Self.get("/metrics", at: address)
    #expect(metrics.head.contains("text/plain; version=0.0.4"))
    let split = "split=\"\(directory.path)/in/a.jsonl\""
    #expect(metrics.body.contains("limno_records_read_total{\(split)} 2001\n"), "\(metrics.body)")
    #expect(metrics.body.contains("limno_ledger_imbalance 0\n"))
    #expect(metrics.body.contains("limno_panes_published_total{stage=\"aggregate\"} 3\n"))
    kill(process.process.processIdentifier, SIGTERM)
    let outcome = try process.outcome(within: 20)
    #expect(outcome.status == 0, "\(outcome)")
    let messages = Self.log(process).compactMap { $0["message"]?.string }
    for message in ["run started", "split found", "checkpoint written", "run stopped"]
    where message != "split found" {
      #expect(messages.contains(message), "\(messages)")
    }
    #expect(
      Self.log(process).count == outcome.errorLines.count, "every line is JSON: \(outcome.errors)")
    #expect(Self.log(process).allSatisfy { $0["job"]?.string == "told" && $0["time"] != nil })
  }

  @Test func `a token is needed off loopback, asked for, and told nowhere`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory)
    let open = try Limno.run("run", job, "--http", "0.0.0.0:0")
    #expect(open.status == 2 && open.errors.contains("LIMNO_HTTP_TOKEN"), "\(open)")
    let wrong = try Limno.run("run", job, "--http", "nowhere")
    #expect(wrong.status == 2 && wrong.errors.contains("127.0.0.1:9090"), "\(wrong)")
    let (process, address) = try Self.start(
      job, ["--log-level", "debug"], environment: ["LIMNO_HTTP_TOKEN": "canary-7f3"])
    let refused = try Self.get("/status", at: address)
    #expect(refused.code == 401 && refused.head.contains("WWW-Authenticate: Bearer"), "\(refused)")
    let given = "Authorization: Bearer canary-7f3"
    let status = try Self.get("/status", at: address, header: given)
    let metrics = try Self.get("/metrics", at: address, header: given)
    #expect(status.code == 200 && metrics.code == 200)
    kill(process.process.processIdentifier, SIGTERM)
    let outcome = try process.outcome(within: 20)
    for text in [status.body, metrics.body, refused.body, outcome.output, outcome.errors] {
      #expect(!text.contains("canary-7f3"))
    }
  }

  @Test func `an address that is taken is an error`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory)
    let (process, address) = try Self.start(job)
    let port = try #require(address.split(separator: ":").last)
    let outcome = try Limno.run(
      "run", job, "--state", directory.path + "/other", "--out", directory.path + "/other-out",
      "--http", "127.0.0.1:\(port)")
    #expect(outcome.status == 1 && outcome.errors.contains("cannot listen on"), "\(outcome)")
    kill(process.process.processIdentifier, SIGTERM)
    #expect(try process.outcome(within: 20).status == 0)
  }
}
