import ArgumentParser
import Dashboard
import Dataflow
import EventTime
import FileIO
import Foundation
import Runtime

/// Puts together what a run tells of itself.
struct StatusReporter: Sendable {
  private let runner: Runner
  private let source: any Source
  private let job: String
  private let stages: [RunStatus.Stage]
  private let checkpointInterval: Double?
  private let buffers: RunStatus.Buffers
  private let startedAt = Timestamp.now

  init(_ runner: Runner, _ plan: JobPlan) {
    self.runner = runner
    source = plan.source
    job = plan.configuration.name
    stages = plan.configuration.stages.map { RunStatus.Stage(kind: $0.kind, name: $0.name) }
    buffers = plan.configuration.buffers.status
    checkpointInterval = plan.configuration.checkpoints.map {
      Double($0.every.microseconds) / 1e6
    }
  }

  func status() -> RunStatus {
    let report = runner.progress
    var status = RunStatus(
      job: job, version: LimnoCommand.configuration.version, stages: stages, report: report,
      remaining: report.splits.map { source.remainder(of: $0.name, after: $0.offset) },
      startedAt: startedAt, now: .now)
    status.checkpointInterval = checkpointInterval
    status.buffers = buffers
    status.process = Self.process
    return status
  }

  /// By `/proc`; `nil` where there is none.
  private static var process: RunStatus.Process? {
    guard let memory = try? FileSystem.contents(of: "/proc/self/statm"),
      let files = try? FileSystem.names(in: "/proc/self/fd"),
      let pages = String(decoding: memory, as: UTF8.self).split(separator: " ").dropFirst().first
        .flatMap({ Int($0) })
    else { return nil }
    return RunStatus.Process(
      residentByteCount: pages * Int(sysconf(Int32(_SC_PAGESIZE))),
      cpuSeconds: ProcessUsage.cpuSeconds, openFileCount: files.count)
  }
}
