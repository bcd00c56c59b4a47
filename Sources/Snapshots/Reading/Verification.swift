import Dataflow
import FileIO
import Formats

/// What is wrong with published snapshots; empty when all is well.
public struct Verification: Sendable {
  public var snapshotCount = 0
  public var fileCount = 0
  public var logLineCount = 0
  /// One sentence for each fault, with its path.
  public var faults: [String] = []
}

extension SnapshotStore {
  /// Recomputes every digest, follows the chain of the log, and checks that the books balance.
  public func verify() throws -> Verification {
    var result = Verification()
    var digests: [String: String] = [:]
    let entries = try entries()
    let manifests = Dictionary(
      entries.map { ($0.path, $0.manifest) }, uniquingKeysWith: { first, _ in first })
    for entry in entries {
      result.snapshotCount += 1
      digests[entry.path] = entry.manifest.payloadDigest
      verify(entry, &result)
      let retracted = entry.manifest.retracted
      if !retracted.isEmpty, retracted != replacedFiles(entry.manifest, manifests) {
        result.faults.append("\(entry.path): takes back what was not published")
      }
    }
    try verifyLog(digests, &result)
    return result
  }

  /// What a pane that retracts takes back.
  private func replacedFiles(
    _ manifest: Manifest, _ manifests: [String: Manifest]
  ) -> [String: String] {
    var files = manifest.supersedes.flatMap { manifests[$0]?.files } ?? [:]
    for merged in manifest.merged.compactMap({ manifests[$0] }) {
      for (name, digest) in merged.files { files["\(merged.window)/\(name)"] = digest }
    }
    return files
  }

  private func verify(_ entry: Entry, _ result: inout Verification) {
    let retracted = entry.manifest.retracted.map { (SnapshotPath.retracted + $0.key, $0.value) }
    let changes = entry.manifest.changes.map { [(SnapshotPath.changes, $0.digest)] } ?? []
    let files = entry.manifest.files.sorted(by: { $0.key < $1.key }) + retracted + changes
    for (name, expected) in files {
      result.fileCount += 1
      do {
        let found = ContentDigest.hex(try contents(of: name, in: entry))
        if found != expected {
          result.faults.append("\(entry.path)/\(name): the content is not what the manifest says")
        }
      } catch {
        result.faults.append("\(error)")
      }
    }
    for split in entry.manifest.splits where !split.ledger.isBalanced {
      result.faults.append("\(entry.path): the ledger of '\(split.name)' does not balance")
    }
  }

  private func verifyLog(_ digests: [String: String], _ result: inout Verification) throws {
    let bytes = try FileSystem.contents(of: absolute(SnapshotPath.log))
    var previous = PublicationLog.start
    var unlogged = Set(digests.keys)
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      result.logLineCount += 1
      let place = "\(SnapshotPath.log):\(index + 1)"
      guard let value = try? JSONValue(parsing: Array(line)) else {
        result.faults.append("\(place): not JSON")
        continue
      }
      if value["previous_sha256"]?.string != previous {
        result.faults.append("\(place): the chain is broken: a line before it was changed")
      }
      previous = ContentDigest.hex(Array(line))
      guard let path = value["path"]?.string else { continue }
      unlogged.remove(path)
      if digests[path] != value["payload_sha256"]?.string {
        result.faults.append("\(place): '\(path)' is missing or is not what was published")
      }
    }
    for path in unlogged.sorted() { result.faults.append("\(path): not in \(SnapshotPath.log)") }
  }
}
