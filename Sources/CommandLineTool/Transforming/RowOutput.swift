import FileIO
import Foundation

/// Where transformed rows go: the standard output, or a file that appears when it is complete.
enum RowOutput {
  case standardOutput(FileHandle)
  case file(AtomicFileWriter)

  /// The output to `path`, or to the standard output.
  ///
  /// What is not a regular file, such as a pipe, is written as it is.
  init(path: String?) throws {
    guard let path else {
      self = .standardOutput(.standardOutput)
      return
    }
    if try FileSystem.kind(of: path) == .other, let handle = FileHandle(forWritingAtPath: path) {
      self = .standardOutput(handle)
    } else {
      self = .file(
        try AtomicFileWriter(
          path: path, attempt: "\(ProcessInfo.processInfo.processIdentifier)"))
    }
  }

  func append(_ bytes: [UInt8]) throws {
    guard !bytes.isEmpty else { return }
    switch self {
    case .standardOutput(let handle):
      do {
        try handle.write(contentsOf: Data(bytes))
      } catch {
        throw RowOutputFailure(reason: error.localizedDescription)
      }
    case .file(let writer): try writer.append(bytes)
    }
  }

  func finish() throws {
    if case .file(let writer) = self { try writer.finish() }
  }
}

private struct RowOutputFailure: Error, CustomStringConvertible {
  let reason: String
  var description: String { "cannot write the rows: \(reason)" }
}
