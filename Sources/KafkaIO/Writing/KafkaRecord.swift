/// A record to be written, or as it was read.
public struct KafkaRecord: Sendable {
  /// `nil` for none, which is another thing than an empty one.
  public var key: [UInt8]?
  public var value: [UInt8]
  public var headers: [(name: String, value: String)]
  /// Read without a value, which stands here as an empty one.
  var isTombstone = false

  public init(
    key: [UInt8]?, value: [UInt8], headers: [(name: String, value: String)] = []
  ) {
    self.key = key
    self.value = value
    self.headers = headers
  }
}
