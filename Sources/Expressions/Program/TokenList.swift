/// Strings by position, as bytes laid end to end: the lines of a vocabulary.
public struct TokenList: Hashable, Sendable {
  /// The bytes of all tokens.
  public private(set) var bytes: [UInt8] = []
  /// Token `i` is `bytes[offsets[i]..<offsets[i + 1]]`; shape `[tokens + 1]`.
  public private(set) var offsets: [Int] = [0]

  public init() {}

  public init(_ tokens: some Sequence<String>) {
    for token in tokens { append(token.utf8) }
  }

  public var count: Int { offsets.count - 1 }

  public mutating func append(_ token: some Sequence<UInt8>) {
    bytes.append(contentsOf: token)
    offsets.append(bytes.count)
  }

  /// The bytes of token `index`.
  public subscript(index: Int) -> ArraySlice<UInt8> { bytes[offsets[index]..<offsets[index + 1]] }

  /// Token `index` as text; bytes that are not UTF-8 are replaced.
  public func string(_ index: Int) -> String { String(decoding: self[index], as: UTF8.self) }

  public var strings: [String] { (0..<count).map(string) }
}
