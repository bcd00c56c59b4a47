/// How a field is laid out in the protocol-buffer wire format.
///
/// Groups (3 and 4) are not supported.
public enum WireType: UInt8, Hashable, Sendable {
  case varint = 0
  case fixed64 = 1
  case lengthDelimited = 2
  case fixed32 = 5
}

/// The number and layout of a field, as its tag gives them.
public struct WireTag: Hashable, Sendable {
  /// In `1...536_870_911`.
  public var number: Int
  public var type: WireType

  public init(_ number: Int, _ type: WireType) {
    self.number = number
    self.type = type
  }
}

/// One field of a message: its number and undecoded value.
public struct WireField: Hashable, Sendable {
  public enum Value: Hashable, Sendable {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(ArraySlice<UInt8>)
    case fixed32(UInt32)
  }

  public var number: Int
  public var value: Value

  public init(_ number: Int, _ value: Value) {
    self.number = number
    self.value = value
  }
}
