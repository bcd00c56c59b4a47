#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The places where a test may end the process as `kill -9` does; in debug builds only.
///
/// `LIMNO_FAULT=rename:3` in the environment ends it when `rename` is reached for the third time.
public enum FaultPoint: String, CaseIterable, Sendable {
  /// Half of the bytes of a write are written.
  case write
  /// Before a file or directory is made durable.
  case fsync
  /// Before a file or directory is given its name.
  case rename
  /// After it was.
  case renamed
  /// A checkpoint is durable, and what it lets out is not visible.
  case publish
  /// What a checkpoint lets out is visible, and the publication log does not say so.
  case log
  /// A transaction is about to begin; its records, its marker, its positions are handed over.
  case begin, produce, mark, offsets
  /// A transaction is about to be committed; it is being committed; it is.
  case commit, committing, committed

  /// Those of a run that writes to directories alone.
  public static let ofDirectories: [FaultPoint] = [
    .write, .fsync, .rename, .renamed, .publish, .log,
  ]

  #if DEBUG
  private static let target: (point: FaultPoint, count: Int)? = {
    guard let value = unsafe getenv("LIMNO_FAULT") else { return nil }
    let parts = unsafe String(cString: value).split(separator: ":")
    guard parts.count == 2, let point = FaultPoint(rawValue: String(parts[0])),
      let count = Int(parts[1])
    else { return nil }
    return (point, count)
  }()

  // Sound: an approximate count is enough, and the threads that write files take turns.
  nonisolated(unsafe) private static var reachedCount = 0

  /// Whether the process is to end here.
  var isDue: Bool {
    guard Self.target?.point == self else { return false }
    unsafe Self.reachedCount += 1
    return unsafe Self.reachedCount == Self.target?.count
  }

  /// Ends the process if it is to end here.
  public func reach() { if isDue { kill(getpid(), SIGKILL) } }

  /// Ends the process within the next five milliseconds if it is to end here.
  public func reachSoon() {
    guard isDue else { return }
    signal(SIGALRM, SIG_DFL)
    _ = ualarm(UInt32.random(in: 1...5000), 0)
  }
  #else
  @inline(__always)
  public func reach() {}
  @inline(__always)
  public func reachSoon() {}
  #endif
}
