/// A checkpoint or state directory that cannot be used.
public struct CheckpointError: Error, Hashable, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    /// Bytes are not what was written.
    case damaged
    /// The job is another one by now.
    case otherJob
    case other
  }

  public var code: Code
  public var path: String
  public var reason: String

  init(_ code: Code, _ path: String, _ reason: String) {
    self.code = code
    self.path = path
    self.reason = reason
  }

  public var description: String { "\(path): \(reason)" }
}
