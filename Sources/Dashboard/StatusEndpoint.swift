/// Where a run tells its status, and who may ask.
public struct StatusEndpoint: Hashable, Sendable {
  public struct Invalid: Error, CustomStringConvertible {
    public let description: String
  }

  /// An IP address.
  public var host: String
  /// 0: one that is free.
  public var port: UInt16
  /// What requests must carry; `nil` if anybody may ask.
  public var token: Secret?

  /// A text that prints as dots.
  public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
  {
    private let text: String

    /// `nil` if `text` is empty.
    public init?(_ text: String) {
      guard !text.isEmpty else { return nil }
      self.text = text
    }

    public var description: String { "•••" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Whether `other` is the text; takes as long whatever they have in common.
    func matches(_ other: String) -> Bool {
      let (own, given) = (Array(text.utf8), Array(other.utf8))
      var difference = own.count ^ given.count
      for index in own.indices {
        difference |= Int(own[index] ^ (index < given.count ? given[index] : 0))
      }
      return difference == 0
    }
  }

  /// Reads `HOST:PORT`, where the host is an IP address, `localhost`, or nothing for all addresses.
  ///
  /// - Throws: ``Invalid``; also if the address can be reached from other machines and there is no
  ///   token.
  public init(_ address: String, token: Secret?) throws(Invalid) {
    guard let colon = address.lastIndex(of: ":"),
      let port = UInt16(address[address.index(after: colon)...])
    else {
      throw Invalid(
        description: "expected an address such as 127.0.0.1:9090, found '\(address)'")
    }
    var host = String(address[..<colon])
    if host.hasPrefix("[") && host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    switch host {
    case "": self.host = "0.0.0.0"
    case "localhost": self.host = "127.0.0.1"
    default: self.host = host
    }
    guard self.host.allSatisfy({ $0.isHexDigit || $0 == "." || $0 == ":" }) else {
      throw Invalid(description: "'\(host)' is no IP address; give that, or localhost")
    }
    self.port = port
    self.token = token
    guard isLoopback || token != nil else {
      throw Invalid(
        description: "\(address) can be reached from other machines, which needs a token: set "
          + "LIMNO_HTTP_TOKEN, or give --http-token-file; or listen on 127.0.0.1")
    }
  }

  /// Whether only this machine can ask.
  public var isLoopback: Bool { host == "::1" || host.hasPrefix("127.") }

  var isIPv6: Bool { host.contains(":") }
}
