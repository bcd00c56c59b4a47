public import Dataflow

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A file, directory or stream that could not be read or written.
public struct FileIOError: Error, Hashable, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    case notFound, permissionDenied, noSpace, alreadyExists
    /// The bytes are not what their format promises.
    case corrupt
    /// The bytes end before their format says so, or a file became shorter.
    case truncated
    /// A declared limit was passed.
    case limitExceeded
    case other
  }

  public var code: Code
  public var path: String
  /// Where in the file, in bytes as stored, if known.
  public var offset: Int?
  /// What was tried and what happened.
  public var cause: String
  /// What the user can do, if anything is known to help.
  public var remedy: String?

  public init(
    _ code: Code, path: String, offset: Int? = nil, cause: String, remedy: String? = nil
  ) {
    self.code = code
    self.path = path
    self.offset = offset
    self.cause = cause
    self.remedy = remedy
  }

  public var description: String {
    let place = offset.map { "\(path), byte \($0)" } ?? path
    return "\(place): \(cause)" + (remedy.map { "; \($0)" } ?? "")
  }
}

extension FileIOError {
  /// The failure of a system call, with the text that the system gives for `number`.
  init(_ action: String, _ path: String, errno number: Int32, offset: Int? = nil) {
    let text = unsafe String(cString: strerror(number))
    let (code, remedy): (Code, String?) =
      switch number {
      case ENOENT, ENOTDIR: (.notFound, "check the path")
      case EACCES, EPERM, EROFS:
        (.permissionDenied, "check the permissions of the path and its parents")
      case ENOSPC, EDQUOT: (.noSpace, "free space on the device, or choose another directory")
      case EEXIST, ENOTEMPTY: (.alreadyExists, nil)
      case EMFILE, ENFILE: (.other, "raise the limit of open files (ulimit -n)")
      default: (.other, nil)
      }
    self.init(code, path: path, offset: offset, cause: "cannot \(action): \(text)", remedy: remedy)
  }
}

extension FileIOError: TransientError {
  /// Somebody may free space.
  public var isTransient: Bool { code == .noSpace }
}
