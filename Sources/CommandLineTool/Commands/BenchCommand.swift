import ArgumentParser
import FileIO
import Formats
import Foundation

/// `limno bench`: the benchmark's workloads on this machine.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure three workloads on this machine.",
    discussion: """
      W1 profiles nine columns, W2 evaluates 246 slices by the minute, W3 counts and sums by company \
      and minute. Rows are made in a temporary directory (about 240 bytes each), or taken from \
      --data; snapshots are written, hashed and removed. Comparisons with other engines are in \
      ops/benchmarks.
      """)

  @Option(help: "Rows to make.")
  var rows = 1_000_000

  @Option(
    help: "A JSON lines file of the benchmark's events instead.", completion: .file())
  var data: String?

  @Option(help: "Worker threads.")
  var workers = 1

  @Option(help: "Rows decoded at a time.")
  var batchRows = 2048

  @Option(name: .customLong("workload"), help: "w1, w2 or w3; may be repeated (default: all).")
  var workloads: [BenchmarkWorkload] = []

  @Option(help: "table or json.")
  var output = OutputFormat.table

  func validate() throws {
    if rows < 1 { throw ValidationError("--rows must be at least 1") }
    if workers < 1 { throw ValidationError("--workers must be at least 1") }
    if batchRows < 1 || batchRows > 65_536 {
      throw ValidationError("--batch-rows must be in 1…65536")
    }
  }

  func run() throws {
    try reportingErrors {
      let directory =
        NSTemporaryDirectory() + "/limno-bench-\(ProcessInfo.processInfo.processIdentifier)"
      try FileSystem.makeDirectories(directory)
      defer { try? FileSystem.removeTree(directory) }
      let data = try self.data ?? makeRows(in: directory)
      let runs = try (workloads.isEmpty ? BenchmarkWorkload.allCases : workloads).map { workload in
        let out = "\(directory)/\(workload.rawValue)"
        defer { try? FileSystem.removeTree(out) }
        return try BenchmarkRun(
          workload, data: data, directory: out, workers: workers, batchRows: batchRows)
      }
      print(output == .json ? json(runs) : table(runs))
    }
  }

  private func makeRows(in directory: String) throws -> String {
    let path = directory + "/events.jsonl"
    if output == .table { printToError("making \(rows.grouped) rows") }
    var maker = BenchmarkRows()
    try maker.write(rows, to: path)
    return path
  }

  private func table(_ runs: [BenchmarkRun]) -> String {
    var table = Table([
      ("workload", .left), ("", .left), ("rows", .right), ("rows/s", .right),
      ("CPU µs/row", .right), ("peak MB", .right),
    ])
    for run in runs {
      table.add([
        run.workload.rawValue, run.workload.title, run.rows.grouped,
        Int(run.rowsPerSecond).grouped, String(format: "%.3f", run.cpuMicrosecondsPerRow),
        run.peakBytes.map { "\(($0 + 500_000) / 1_000_000)" } ?? "–",
      ])
    }
    let threads = workers == 1 ? "1 worker" : "\(workers) workers"
    return "\(table.text)\n\(threads); CPU is user and system time of all threads, start-up apart"
  }

  private func json(_ runs: [BenchmarkRun]) -> String {
    var writer = JSONWriter(style: .indented)
    writer.beginArray()
    for run in runs {
      writer.beginObject()
      writer.key("workload")
      writer.value(run.workload.rawValue)
      writer.key("rows")
      writer.value(run.rows)
      writer.key("workers")
      writer.value(workers)
      writer.key("seconds")
      writer.value(run.seconds)
      writer.key("rows_per_second")
      writer.value(run.rowsPerSecond)
      writer.key("cpu_us_per_row")
      writer.value(run.cpuMicrosecondsPerRow)
      writer.key("peak_bytes")
      if let peak = run.peakBytes { writer.value(peak) } else { writer.null() }
      writer.endObject()
    }
    writer.endArray()
    return writer.text
  }
}

extension BenchmarkWorkload: ExpressibleByArgument {}
