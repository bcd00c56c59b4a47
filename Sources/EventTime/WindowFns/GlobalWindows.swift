/// One window for all of time; it ends when the stream does.
public struct GlobalWindows: WindowFn {
  public static let name = "global"

  public init() {}

  public func windows(for time: Timestamp) -> [Window] { [.global] }
}
