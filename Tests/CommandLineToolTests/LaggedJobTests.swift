import FileIO
import FileIOTesting
import Foundation
import Formats
import Snapshots
import Testing

/// A transform without end: versions that lag, said so, and given again by the journal.
@Suite struct LaggedJobTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    let pad = String(repeating: "x", count: 300)
    let rows = (0..<6000).map { index in
      let fare = (index * 7919) % 4001
      return #"{"at": \#(1_788_220_800_000 + index * 100), "fare": \#(Double(fare) / 8), "#
        + #""km": \#(1 + index % 13), "pad": "\#(pad)"}"# + "\n"
    }
    try directory.write("rows.jsonl", rows.joined())
  }

  private func job(_ name: String, windows: String, options: String = "") throws -> String {
    try directory.write(
      name + ".yaml",
      """
      job: endless
      source: { files: { paths: [\(directory.path)/rows.jsonl], format: jsonl } }
      schema: { at: timestamp_ms }
      event_time: { column: at }
      windows: \(windows)
      transform:
        \(options)
        outputs:
          fare_z: scale_to_z_score(fare)
          later: bucketize(scale_to_z_score(fare) * km, num_buckets=5)
      output: { snapshots: \(out(name)), export: [] }
      checkpoint: { directory: \(directory.path)/\(name)-state }
      """)
  }

  private func out(_ name: String) -> String { directory.path + "/" + name }

  private func run(_ arguments: String...) throws -> Limno.Outcome {
    let outcome = try Limno.start(arguments).outcome(within: 300)
    #expect(outcome.status == 0, "\(outcome)")
    return outcome
  }

  private static let growing = "{ global: {}, trigger: { repeatedly: { after_count: 500 } } }"

  @Test func `versions of a window without end lag, say so, and are replayed byte for byte`()
    throws
  {
    let job = try job("lagged", windows: Self.growing)
    for command in ["validate", "explain"] {
      let text = try run(command, job).output
      #expect(text.contains("2; lagged: distinct rows of fare, km are kept from one version"))
      #expect(
        text.contains("phase 2     quantiles(scale_to_z_score(fare) * km, 5): lagged"), "\(text)")
      #expect(text.contains("versions depend on arrival"))
    }
    _ = try run("run", job, "--quiet", "--workers", "2")
    let panes = try SnapshotStore(directory: out("lagged")).entries()
    #expect(panes.count > 3)
    for pane in panes {
      #expect(pane.manifest.isLagged)
      let manifest = try JSONValue(
        parsing: FileSystem.contents(of: out("lagged") + "/" + pane.path + "/manifest.json"))
      #expect(manifest["phase"]?.string == "lagged")
      #expect(manifest["arrival_dependent"]?.bool == true)
      #expect(pane.manifest.approximations.contains { $0.contains("phase: lagged") })
    }
    let verified = try run("snapshot", "verify", out("lagged"), "--replay", job)
    #expect(verified.output.contains("\(panes.count) panes, all equal"), "\(verified)")
  }

  @Test func `phases exact keeps the rows, and ends as a pass over all of them`() throws {
    let once = try job("once", windows: "{ global: {} }")
    let exact = try job("exact", windows: Self.growing, options: "phases: exact")
    for job in [once, exact] { _ = try run("run", job, "--quiet") }
    let results = try ["once", "exact"].map {
      try SnapshotStore(directory: out($0)).lastPanes().map(\.manifest.payloadDigest)
    }
    #expect(results[0].count == 1)
    #expect(results[0] == results[1])
    #expect(try run("validate", once).output.contains("exact: distinct rows of fare, km are kept"))
    let refused = try Limno.run(
      "validate", try job("hours", windows: "{ fixed: 1h }", options: "phases: lagged"))
    #expect(refused.status == 2)
    #expect(refused.errors.contains("'lagged' is for the global window"), "\(refused)")
  }
}
