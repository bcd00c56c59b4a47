import Checkpoints
import FileIO
import FileIOTesting
import Foundation
import Snapshots
import Testing

@testable import CommandLineTool

/// Jobs whose vocabularies are on disk, against the same in memory.
@Suite struct SpillingJobTests {
  private static func job(
    _ directory: TemporaryDirectory, budget: String, more: String = ""
  ) throws -> String {
    let padding = String(repeating: "x", count: 150)
    let lines = (0..<12_000).map { row in
      let at = 1_788_220_800_000 + row * 20
      return "{\"at\": \(at), \"user\": \"u\((row * 7919) % 9_001)\", \"fare\": \(row % 400), "
        + "\"words\": \"w\(row % 3_000) é\(row % 71) w\(row % 7)\", \"tip\": \(row % 3), "
        + "\"pad\": \"\(padding)\"}\n"
    }
    let input = try directory.write("in/a.jsonl", lines.joined())
    return try directory.write(
      "job-\(budget).yaml",
      """
      job: spilling
      source: { files: { paths: [\(input)], format: jsonl } }
      schema: { at: timestamp_ms, user: string, fare: int, words: string, tip: int }
      event_time: { column: at, late: drop }
      transform:
        - name: all
          windows: { global: {} }
          outputs:
            user_id: compute_and_apply_vocabulary(user, top_k=500)
            paid: "compute_and_apply_vocabulary(user, weights=fare, frequency_threshold=600)"
            telling: "compute_and_apply_vocabulary(user, labels=tip, top_k=40)"
            word: "compute_and_apply_vocabulary(split(words), num_oov_buckets=2)"
            later: bucketize(scale_to_z_score(fare) * tip, num_buckets=5)
            share: apply_vocabulary(user, vocabulary(user, key_fn='substr(token, -1, 1)',
              coverage_top_k=3, top_k=5))
        - name: minutes
          windows: { sliding: { size: 1m, every: 20s }, allowed_lateness: 10s }
          outputs: { id: "compute_and_apply_vocabulary(user)" }
      memory: { vocabularies: \(budget) }
      output: { snapshots: \(directory.path)/out, keep: [state] \(more) }
      checkpoint: { directory: \(directory.path)/state, every: 10ms }

      """)
  }

  private static func expectSame(_ directory: TemporaryDirectory) throws {
    let out = SnapshotStore(directory: directory.path + "/out")
    #expect(try out.verify().faults == [])
    #expect(try out.entries().count >= 13)
    let diff = try Limno.run("snapshot", "diff", directory.path + "/plain", out.directory)
    #expect(diff.status == 0, "\(diff)")
    for place in ["out", "state"] {
      let names = try FileSystem.names(in: "\(directory.path)/\(place)")
      #expect(names.allSatisfy { !$0.contains("spilled") }, "\(names)")
    }
  }

  private static func runInMemory(_ directory: TemporaryDirectory) throws {
    let job = try job(directory, budget: "1GB")
    let outcome = try Limno.run("replay", job, "--out", directory.path + "/plain")
    try #require(outcome.status == 0, "\(outcome)")
  }

  @Test(arguments: ["1", "3"])
  func `vocabularies on disk give the versions and states that they give in memory`(
    _ workers: String
  ) throws {
    let directory = try TemporaryDirectory()
    try Self.runInMemory(directory)
    let job = try Self.job(directory, budget: "1kB")
    let outcome = try Limno.run("run", job, "--quiet", "--workers", workers)
    #expect(outcome.status == 0, "\(outcome)")
    try Self.expectSame(directory)
  }

  @Test(arguments: [SIGKILL, SIGINT])
  func `a run with vocabularies on disk that ends early goes on from its checkpoint`(
    _ signal: Int32
  ) throws {
    let directory = try TemporaryDirectory()
    try Self.runInMemory(directory)
    let job = try Self.job(directory, budget: "1kB")
    let catalog = CheckpointCatalog(path: directory.path + "/state")
    var isStopped = false
    for _ in 0..<2 {
      let before = (try? catalog.numbers().last) ?? 0
      let process = try Limno.start(["run", job, "--quiet", "--workers", "2"])
      try #require(
        process.waits(for: { ((try? catalog.numbers().last) ?? 0) > before }, within: 120))
      kill(process.process.processIdentifier, signal)
      isStopped = try process.outcome(within: 60).status != 0 || isStopped
    }
    #expect(isStopped || signal == SIGINT)
    let outcome = try Limno.run("run", job, "--quiet", "--workers", "3")
    #expect(outcome.status == 0, "\(outcome)")
    try Self.expectSame(directory)
  }
}
