import FileIO
import FileIOTesting
import Foundation
import Formats
import Snapshots
import Testing

/// A running job held to `memory.limit`.
@Suite struct MemoryLimitTests {
  private static let tokenCount = 200_000

  /// Tokens that hardly repeat, but for one in ten that is `often`.
  private func job(
    _ formula: String, limit: String, _ directory: TemporaryDirectory
  ) throws -> String {
    var rows: [UInt8] = []
    for index in 0..<Self.tokenCount {
      let token =
        index % 10 == 0
        ? "often" : "a rather long name of a token, number \((index * 7919) % 1_000_003)"
      rows += Array("{\"token\": \"\(token)\"}\n".utf8)
    }
    let input = try directory.write("in.jsonl", rows)
    return try directory.write(
      "job.yaml",
      """
      job: memory
      source: { files: { paths: [\(input)], format: jsonl } }
      windows: { global: {} }
      transform: { outputs: { id: "\(formula)" } }
      memory: { limit: \(limit) }
      output: { snapshots: \(directory.path)/out, export: [] }
      """)
  }

  private func run(_ job: String) throws -> Limno.Outcome {
    try Limno.start(["run", job, "--workers", "1", "--quiet"]).outcome(within: 300)
  }

  @Test func `statistics by key that outgrow the limit end the run, which says what grew`() throws {
    let directory = try TemporaryDirectory()
    let outcome = try run(
      job("scale_to_z_score_per_key(1, token)", limit: "8MB", directory))
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("over the limit of 8000000: transform "), "\(outcome)")
    #expect(outcome.errors.contains("memory.vocabularies"))
    #expect(try !SnapshotStore(directory: directory.path + "/out").hasEnded)
  }

  @Test func `an exact vocabulary that outgrows it goes to disk, and is exact`() throws {
    let directory = try TemporaryDirectory()
    let outcome = try run(
      job("compute_and_apply_vocabulary(token, top_k=10)", limit: "8MB", directory))
    #expect(outcome.status == 0, "\(outcome)")
    let store = SnapshotStore(directory: directory.path + "/out")
    let entry = try #require(try store.entries().first)
    #expect(entry.manifest.approximations == [])
    let vocabulary = try #require(entry.manifest.files.keys.first { $0.hasPrefix("assets/") })
    let lines = String(decoding: try store.contents(of: vocabulary, in: entry), as: UTF8.self)
      .split(separator: "\n")
    // Each token but `often` comes once, and ties are by bytes descending.
    let rare = Set(
      (0..<Self.tokenCount).filter { $0 % 10 != 0 }.map {
        "a rather long name of a token, number \(($0 * 7919) % 1_000_003)"
      })
    #expect(lines.map(String.init) == ["often"] + rare.sorted(by: >).prefix(9))
  }

  @Test func `an approximate one stays within it, and gives the bound of its counts`() throws {
    let directory = try TemporaryDirectory()
    let job = try job(
      "apply_vocabulary(token, approximate_vocabulary(token, 10))", limit: "28MB", directory)
    let outcome = try run(job)
    #expect(outcome.status == 0, "\(outcome)")
    let store = SnapshotStore(directory: directory.path + "/out")
    let entry = try #require(try store.entries().first)
    let bound = try #require(entry.manifest.approximations.first)
    #expect(bound.contains("a token may weigh up to"), "\(bound)")
    let vocabulary = try #require(entry.manifest.files.keys.first { $0.hasPrefix("assets/") })
    let lines = String(decoding: try store.contents(of: vocabulary, in: entry), as: UTF8.self)
    #expect(lines.hasPrefix("often\n"))
    #expect(lines.split(separator: "\n").count == 10)
  }
}
