/// How a file is compressed; its suffix says it.
public enum Compression: String, Hashable, Sendable, CaseIterable {
  case gzip = "gz"
  case lz4
  case zstd = "zst"

  /// By the suffix of `path`: `.gz`, `.lz4`, `.zst`; `nil` for a plain file.
  public init?(path: String) {
    guard let dot = path.lastIndex(of: ".") else { return nil }
    self.init(rawValue: String(path[path.index(after: dot)...]))
  }

  /// `path` without the suffix of its compression.
  public static func strippingSuffix(of path: String) -> String {
    guard let compression = Compression(path: path) else { return path }
    return String(path.dropLast(compression.rawValue.count + 1))
  }
}

/// What a compressed file may expand to before reading it fails: a guard against bombs.
public struct ExpansionLimit: Hashable, Sendable {
  /// Uncompressed bytes for one compressed byte, judged after the first 16 MiB out.
  public var ratio: Int
  /// Uncompressed bytes in all, if limited.
  public var byteCount: Int?

  public init(ratio: Int = 1000, byteCount: Int? = nil) {
    self.ratio = ratio
    self.byteCount = byteCount
  }

  /// Output below this is never held against the ratio.
  static let freeByteCount = 16 << 20

  /// Why `produced` bytes out of `consumed` are too many, or `nil`.
  func violation(consumed: Int, produced: Int) -> String? {
    if let byteCount, produced > byteCount {
      return "it expands to more than the allowed \(byteCount) bytes"
    }
    guard produced > Self.freeByteCount, produced / max(ratio, 1) > consumed else { return nil }
    return "\(consumed) bytes expand to \(produced), more than \(ratio) to 1"
  }
}
