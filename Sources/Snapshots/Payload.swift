import Crypto

/// The files of a snapshot that depend on the rows of its window alone.
public struct Payload: Sendable {
  /// Content by path relative to the snapshot's directory.
  public var files: [String: [UInt8]]
  /// One line for each value that is not exact, with its bound.
  public var approximations: [String]
  /// What became of each foreign format, by its name: `published`, or `unsupported:` and why.
  public var exports: [String: String] = [:]
  /// The files of a model, published once more as `serving/<version>/`, where TensorFlow Serving
  /// looks for it.
  public var serving: [String: [UInt8]] = [:]
  /// Of transformed rows: the version they are by, and how many they are.
  public var applied: [String: String] = [:]
  /// `pass`, `fail` or `undecided`, where thresholds were asked for.
  public var verdict: String?

  public init(files: [String: [UInt8]], approximations: [String] = [], verdict: String? = nil) {
    self.files = files
    self.approximations = approximations
    self.verdict = verdict
  }

  /// The SHA-256 of all files, as manifests give it.
  public var digest: String { Digest.payload(fileDigests) }

  /// The SHA-256 of each file, hexadecimal, by path.
  var fileDigests: [String: String] { files.mapValues(Digest.hex) }
}

/// SHA-256 as snapshots use it.
enum Digest {
  static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in SHA256.hash(data: bytes) {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The digest of all files: of the lines `<sha256>  <path>`, ordered by the bytes of the path.
  static func payload(_ files: [String: String]) -> String {
    let names = files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return hex(Array(names.map { "\(files[$0] ?? "")  \($0)\n" }.joined().utf8))
  }
}
