internal import CLinux

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A lock that one process at a time holds, until it ends; however it ends.
public final class FileLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock of the file at `path`, creating it if it is missing (its directory must exist).
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - patience: How often it is tried again, 20 ms apart: who only looks whether the lock is free
  ///     holds it for a moment.
  /// - Throws: ``FileIOError``, `alreadyExists` if another process holds it.
  public init(path: String, patience: Int = 5) throws(FileIOError) {
    let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644 as mode_t)
    guard opened >= 0 else { throw FileIOError("open", path, errno: errno) }
    var rest = patience
    while flock(opened, LOCK_EX | LOCK_NB) != 0 {
      let number = errno
      if number == EWOULDBLOCK && rest > 0 {
        rest -= 1
        usleep(20_000)
        continue
      }
      close(opened)
      guard number == EWOULDBLOCK else { throw FileIOError("lock", path, errno: number) }
      throw FileIOError(
        .alreadyExists, path: path, cause: "another process holds the lock",
        remedy: "a job has one owner at a time: stop the other one first")
    }
    descriptor = opened
  }

  deinit { close(descriptor) }
}
