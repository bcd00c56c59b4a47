internal import CLinux

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// An open file or directory descriptor, closed when the value ends.
///
/// The one place, with ``FileSystem``, that calls the system on descriptors.
struct OpenFile: ~Copyable {
  enum Mode {
    case reading
    /// A new file; fails if it exists.
    case creating
    /// As `creating`, and read again.
    case scratch
    /// Created if missing; every write goes to the end.
    case appending
    case directory

    fileprivate var flags: Int32 {
      switch self {
      case .reading: O_RDONLY
      case .creating: O_WRONLY | O_CREAT | O_EXCL
      case .scratch: O_RDWR | O_CREAT | O_EXCL
      case .appending: O_RDWR | O_CREAT | O_APPEND
      case .directory: O_RDONLY | O_DIRECTORY
      }
    }
  }

  let path: String
  private let descriptor: Int32

  init(_ path: String, _ mode: Mode) throws(FileIOError) {
    let flags = mode.flags | O_CLOEXEC
    let opened = Self.retrying { unsafe Int(open(path, flags, 0o644 as mode_t)) }
    guard opened >= 0 else {
      throw FileIOError(mode == .creating ? "create" : "open", path, errno: errno)
    }
    self.path = path
    descriptor = Int32(opened)
  }

  deinit { close(descriptor) }

  /// The size in bytes; 0 for devices.
  func size() throws(FileIOError) -> Int {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw FileIOError("inspect", path, errno: errno)
    }
    return Int(status.st_size)
  }

  /// Reads bytes at `offset` until `target` is full or the file ends; returns how many.
  func read(
    at offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(FileIOError) -> Int {
    var filled = 0
    while filled < target.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[filled...])
      let block = min(rest.count, Self.blockByteCount)
      let read = Self.retrying {
        unsafe pread(descriptor, rest.baseAddress, block, off_t(offset + filled))
      }
      guard read >= 0 else {
        throw FileIOError("read", path, errno: errno, offset: offset + filled)
      }
      if read == 0 { break }
      filled += read
    }
    return filled
  }

  /// Up to `count` bytes at `offset`; fewer where the file ends.
  func bytes(at offset: Int, count: Int) throws(FileIOError) -> [UInt8] {
    var failure: FileIOError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      do throws(FileIOError) {
        filled = unsafe try read(at: offset, into: UnsafeMutableRawBufferPointer(target))
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Writes all of `bytes` at `offset`.
  func put(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(FileIOError) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { all in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: all[written...])
        return Self.retrying {
          unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + written))
        }
      }
      guard count >= 0 else {
        throw FileIOError("write", path, errno: errno, offset: offset + written)
      }
      written += count
    }
  }

  /// Takes the name from the file, which lives as long as it is open.
  func removeName() throws(FileIOError) {
    guard unsafe unlink(path) == 0 else { throw FileIOError("remove", path, errno: errno) }
  }

  /// Writes all of `bytes`.
  func append(_ bytes: [UInt8]) throws(FileIOError) {
    #if DEBUG
    if FaultPoint.write.isDue {
      unsafe bytes.withUnsafeBytes { unsafe _ = write(descriptor, $0.baseAddress, $0.count / 2) }
      kill(getpid(), SIGKILL)
    }
    #endif
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { all in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: all[written...])
        return Self.retrying { unsafe write(descriptor, rest.baseAddress, rest.count) }
      }
      guard count >= 0 else { throw FileIOError("write", path, errno: errno, offset: written) }
      written += count
    }
  }

  /// Makes content and metadata durable.
  func synchronize() throws(FileIOError) {
    FaultPoint.fsync.reach()
    guard Self.retrying({ Int(fsync(descriptor)) }) == 0 else {
      throw FileIOError("sync", path, errno: errno)
    }
  }

  /// Makes everything on this file's file system durable.
  func synchronizeFileSystem() throws(FileIOError) {
    FaultPoint.fsync.reach()
    guard Self.retrying({ Int(file_system_synchronize(descriptor)) }) == 0 else {
      throw FileIOError("sync the file system of", path, errno: errno)
    }
  }

  /// Cuts the file to `count` bytes.
  func truncate(to count: Int) throws(FileIOError) {
    guard Self.retrying({ Int(ftruncate(descriptor, off_t(count))) }) == 0 else {
      throw FileIOError("shorten", path, errno: errno)
    }
  }

  /// The most bytes asked of one system call.
  static let blockByteCount = 1 << 20

  private static func retrying(_ call: () -> Int) -> Int {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }
}
