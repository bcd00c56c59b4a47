import Dataflow
import FileIO
import Foundation
import Runtime
import Snapshots

/// One workload, run in this process over one file.
struct BenchmarkRun {
  var workload: BenchmarkWorkload
  var rows: Int
  var seconds: Double
  var cpuSeconds: Double
  var peakBytes: Int?

  var rowsPerSecond: Double { Double(rows) / max(seconds, 1e-9) }
  var cpuMicrosecondsPerRow: Double { cpuSeconds / Double(max(rows, 1)) * 1e6 }

  /// Runs `workload` over the file `data` and publishes into `directory`, as `limno run` would.
  init(
    _ workload: BenchmarkWorkload, data: String, directory: String, workers: Int, batchRows: Int
  ) throws {
    self.workload = workload
    let root = try ConfigurationFile.parse(
      Array(workload.job.utf8), path: "\(workload.rawValue).yaml", environment: ["DATA": data])
    ProcessUsage.resetPeak()
    let start = Date()
    let cpu = ProcessUsage.cpuSeconds
    let plan = try JobPlanner(configuration: try JobParser.parse(root)).plan()
    let sink = try plan.makeSink(
      in: directory, configurationDigest: SnapshotStore.digest(Array(workload.job.utf8)))
    let runner = try Runner(
      plan.pipeline, source: plan.source, sink: sink,
      options: RunOptions(workers: workers, batchRows: batchRows))
    let interruption = Interruption { runner.stop() }
    defer { interruption.end() }
    let report = try runner.run { _ in }
    guard report.isComplete else { throw ExitStatus.interrupted }
    rows = report.total.read
    seconds = Date().timeIntervalSince(start)
    cpuSeconds = ProcessUsage.cpuSeconds - cpu
    peakBytes = ProcessUsage.peakBytes
  }
}
