import FileIO
import FileIOTesting
import Foundation
import Testing

@testable import Snapshots

/// What `verify` must notice.
@Suite struct VerificationTests {
  private static let window = "2026-09-01T00:00:00Z--2026-09-01T00:01:00Z"
  private static let pane = "aggregate/\(window)/0000"

  private func faults(
    _ spoil: (_ out: String) throws -> Void
  ) throws -> [String] {
    let directory = try TemporaryDirectory()
    let store = try SnapshotSinkTests.published(in: directory)
    #expect(try store.verify().faults == [])
    try spoil(store.directory)
    return try store.verify().faults
  }

  private func edit(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
    var bytes = try FileSystem.contents(of: path)
    body(&bytes)
    try Data(bytes).write(to: URL(filePath: path))
  }

  private func editLog(_ out: String, _ body: (inout [String]) -> Void) throws {
    let path = out + "/log.jsonl"
    var lines = String(decoding: try FileSystem.contents(of: path), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    body(&lines)
    try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: URL(filePath: path))
  }

  @Test(arguments: 0..<8) func `a flipped bit in a payload file`(bit: Int) throws {
    let faults = try faults { out in
      try edit("\(out)/\(Self.pane)/rows.jsonl") { $0[3] ^= 1 << UInt8(bit) }
    }
    #expect(faults.count == 1 && faults[0].contains("\(Self.pane)/rows.jsonl"), "\(faults)")
  }

  @Test func `a payload file that is gone`() throws {
    let faults = try faults { try FileSystem.removeTree("\($0)/\(Self.pane)/rows.csv") }
    #expect(faults.count == 1 && faults[0].contains("rows.csv"), "\(faults)")
  }

  @Test func `a directory that is gone`() throws {
    let faults = try faults { try FileSystem.removeTree("\($0)/\(Self.pane)") }
    #expect(faults.count == 1 && faults[0].contains("log.jsonl:1: '\(Self.pane)'"), "\(faults)")
  }

  @Test func `a directory that was never published`() throws {
    let faults = try faults { out in
      try FileManager.default.copyItem(
        atPath: "\(out)/\(Self.pane)", toPath: "\(out)/aggregate/\(Self.window)/0007")
    }
    #expect(faults == ["aggregate/\(Self.window)/0007: not in log.jsonl"])
  }

  @Test func `a line of the log that was changed`() throws {
    let faults = try faults { out in
      try editLog(out) {
        $0[1] = $0[1].replacing("2026-09-01T00:00:00Z\"", with: "2027-01-01T00:00:00Z\"")
      }
    }
    #expect(
      faults.count == 1 && faults[0].contains("log.jsonl:3: the chain is broken"), "\(faults)")
  }

  @Test func `a line of the log that was removed`() throws {
    let faults = try faults { out in try editLog(out) { $0.remove(at: 1) } }
    #expect(faults.contains { $0.contains("log.jsonl:2: the chain is broken") }, "\(faults)")
    #expect(faults.contains { $0.hasSuffix("not in log.jsonl") }, "\(faults)")
  }

  @Test func `a line of the log that is no JSON`() throws {
    let faults = try faults { out in try editLog(out) { $0[0] = "{" } }
    #expect(faults.contains { $0.contains("log.jsonl:1: not JSON") }, "\(faults)")
  }

  @Test func `a digest changed in manifest and log alike`() throws {
    let faults = try faults { out in
      try edit("\(out)/\(Self.pane)/rows.jsonl") { $0[0] = UInt8(ascii: "[") }
      try edit("\(out)/\(Self.pane)/manifest.json") { bytes in
        let store = SnapshotStore(directory: out)
        guard var manifest = try? store.entry(at: Self.pane).manifest,
          let rows = try? FileSystem.contents(of: "\(out)/\(Self.pane)/rows.jsonl")
        else { return }
        manifest.files["rows.jsonl"] = SnapshotStore.digest(rows)
        bytes = manifest.json()
      }
    }
    #expect(faults.count == 1 && faults[0].contains("is not what was published"), "\(faults)")
  }

  @Test func `books that do not balance`() throws {
    let faults = try faults { out in
      try edit("\(out)/\(Self.pane)/manifest.json") { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        bytes = Array(text.replacing("\"late\": 3", with: "\"late\": 2").utf8)
      }
    }
    #expect(faults == ["\(Self.pane): the ledger of 'a' does not balance"])
  }

  @Test func `a manifest that is no manifest`() throws {
    #expect {
      try faults { try edit("\($0)/\(Self.pane)/manifest.json") { $0 = [] } }
    } throws: { "\($0)".contains("\(Self.pane)/manifest.json") }
  }
}
