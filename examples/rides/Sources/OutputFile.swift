#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file that is written from start to end.
struct OutputFile: ~Copyable {
  private let path: String
  private let descriptor: Int32

  struct Failure: Error {
    let message: String
  }

  /// Makes the file, or empties it, and the directories above it.
  init(_ path: String) throws(Failure) {
    descriptor = try Self.make(path)
    self.path = path
  }

  private static func make(_ path: String) throws(Failure) -> Int32 {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    for count in parts.indices.dropFirst() {
      let directory = parts[..<count].joined(separator: "/")
      if !directory.isEmpty, unsafe mkdir(directory, 0o777) != 0, errno != EEXIST {
        throw failure(directory)
      }
    }
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    if descriptor < 0 { throw failure(path) }
    return descriptor
  }

  func write(_ bytes: [UInt8]) throws(Failure) {
    var start = 0
    while start < bytes.count {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        // The slice lies within the buffer, which outlives the call.
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[start...])
        return unsafe Self.write(descriptor, rest)
      }
      if written < 0 && errno == EINTR { continue }
      if written < 0 { throw Self.failure(path) }
      start += written
    }
  }

  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
    return unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #else
    return unsafe Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }

  private static func failure(_ path: String) -> Failure {
    unsafe Failure(message: "\(path): \(String(cString: strerror(errno)))")
  }

  deinit { close(descriptor) }
}
