import FileIO
import Foundation

/// A directory of its own for one test, removed at the end.
public final class TemporaryDirectory: Sendable {
  public let path: String

  public init() throws {
    path = NSTemporaryDirectory() + UUID().uuidString
    try FileSystem.makeDirectories(path)
  }

  deinit { try? FileSystem.removeTree(path) }

  /// Writes a file, with the directories on its way; returns its path.
  @discardableResult
  public func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let file = path + "/" + name
    if let slash = file.lastIndex(of: "/") {
      try FileSystem.makeDirectories(String(file[..<slash]))
    }
    try Data(bytes).write(to: URL(filePath: file))
    return file
  }

  @discardableResult
  public func write(_ name: String, _ text: String = "") throws -> String {
    try write(name, text.utf8)
  }

  /// Paths of all files, below this directory and without it, sorted.
  public func allFiles() -> [String] {
    let found = FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []
    return found.filter { (try? FileSystem.kind(of: path + "/" + $0)) == .file }.sorted()
  }
}
