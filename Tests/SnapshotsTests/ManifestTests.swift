import Dataflow
import DataflowTesting
import EventTime
import FileIO
import Foundation
import Testing

@testable import Snapshots

@Suite struct ManifestTests {
  private static func ledger(_ generator: inout SeededGenerator) -> Ledger {
    var ledger = Ledger()
    ledger.aggregated = Int.random(in: 0..<1000, using: &generator)
    ledger.filtered = Int.random(in: 0..<10, using: &generator)
    ledger.late = Int.random(in: 0..<10, using: &generator)
    ledger.quarantined = Int.random(in: 0..<10, using: &generator)
    ledger.read = ledger.aggregated + ledger.filtered + ledger.late + ledger.quarantined
    return ledger
  }

  private static func random(_ generator: inout SeededGenerator) -> Manifest {
    let start = Int64.random(in: -1 << 50...1 << 50, using: &generator)
    let isGlobal = Int.random(in: 0..<4, using: &generator) == 0
    let window = Window(
      start: Timestamp(microseconds: start), end: Timestamp(microseconds: start + 1_000_000))
    let index = Int.random(in: 0..<20_000, using: &generator)
    let times = [Timestamp.distantPast, .distantFuture, window.end]
    let isEarly = Bool.random(using: &generator)
    let digest = SnapshotStore.digest([UInt8.random(in: 0...255, using: &generator)])
    var manifest = Manifest(
      job: "a \"job\"\n", configuration: digest,
      kind: [.transform, .evaluation, .aggregate].randomElement(using: &generator) ?? .aggregate,
      stage: Bool.random(using: &generator) ? "" : "täglich", window: isGlobal ? .global : window,
      pane: PaneInfo(
        index: index, nonSpeculativeIndex: isEarly ? nil : index,
        timing: isEarly ? .early : .late, isFirst: index == 0, isLast: !isEarly),
      version: Bool.random(using: &generator) ? nil : index,
      supersedes: Bool.random(using: &generator) ? nil : "aggregate/x/0001",
      watermark: times.randomElement(using: &generator) ?? .distantPast,
      splits: (0..<Int.random(in: 0..<3, using: &generator)).map {
        SplitStatus(name: "file \($0)", offset: $0 << 40, ledger: ledger(&generator))
      },
      approximations: ["é: ± 0.1"], verdict: Bool.random(using: &generator) ? nil : "undecided",
      files: ["rows.jsonl": digest, "assets/ü": digest])
    if Bool.random(using: &generator) {
      manifest.exports = ["onnx": "unsupported: \"y\"", "saved_model": "published"]
    }
    return manifest
  }

  @Test(arguments: 0..<50) func `what is written is read back`(round: Int) throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = SeededGenerator(seed: seed)
    let manifest = Self.random(&generator)
    let bytes = manifest.json()
    let read = try Manifest(json: bytes, path: "m")
    #expect(read.json() == bytes, "seed \(seed)")
    #expect(read.window == manifest.window && read.pane == manifest.pane, "seed \(seed)")
    #expect(read.exports == manifest.exports, "seed \(seed)")
    #expect(read.watermark == manifest.watermark && read.splits == manifest.splits, "seed \(seed)")
  }

  /// The expected values are those of `sha256sum`.
  @Test func `digests are SHA-256 in lines ordered by path`() {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    let none = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    #expect(SnapshotStore.digest(Array("abc".utf8)) == abc)
    let payload = Payload(files: ["b": [], "a": Array("abc".utf8)])
    #expect(payload.fileDigests == ["a": abc, "b": none])
    #expect(
      ContentDigest.hex(ofFiles: payload.fileDigests)
        == "09c7e0b8a02d027d95ec0375a600ed4ad4d6b26a1c93f16d9150cab5fec761a6")
  }

  @Test(arguments: [
    ("\"late\": 3", "\"late\": 2", "the ledger"), ("rows.jsonl", "rows.json", "payload_sha256"),
    ("\"is_first\"", "\"first\"", "a required key"),
    ("\"format\": 1", "\"format\": 2", "version 1"),
    ("{", "", "not JSON"),
  ])
  func `a manifest that was changed is refused`(
    _ found: String, _ replacement: String, _ reason: String
  ) throws {
    var ledger = Ledger()
    ledger.read = 3
    ledger.late = 3
    var generator = SeededGenerator(seed: 1)
    var manifest = Self.random(&generator)
    manifest.splits = [SplitStatus(name: "a", offset: 1, ledger: ledger)]
    let text = String(decoding: manifest.json(), as: UTF8.self)
    let place = try #require(text.firstRange(of: found))
    let changed = text.replacingCharacters(in: place, with: replacement)
    #expect {
      try Manifest(json: Array(changed.utf8), path: "m")
    } throws: { "\($0)".hasPrefix("m: ") && "\($0)".contains(reason) }
  }
}
