import Crypto

/// SHA-256, hexadecimal, of content that comes piece by piece.
public struct ContentDigest {
  private var hash = SHA256()

  public init() {}

  public mutating func add(_ bytes: [UInt8]) { hash.update(data: bytes) }

  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    let text = hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  public static func hex(_ bytes: [UInt8]) -> String {
    var digest = ContentDigest()
    digest.add(bytes)
    return digest.hex
  }

  /// Of a set of files: of the lines `<sha256>  <path>`, ordered by the bytes of the path.
  ///
  /// `files` has the digest of each by its path.
  public static func hex(ofFiles files: [String: String]) -> String {
    let names = files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return hex(Array(names.map { "\(files[$0] ?? "")  \($0)\n" }.joined().utf8))
  }
}
