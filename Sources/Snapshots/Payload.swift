public import EventTime
import FileIO

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
  /// Of a transform: whether an analyzer has seen rows with the constants of earlier versions.
  public var isLagged = false
  /// The digests of the panes whose states are part of this one, by path.
  public var statesFrom: [String: String] = [:]
  /// Where states are kept: what a later pane of the window holds of an earlier one.
  public var accumulation: AccumulationMode?
  /// `pass`, `fail` or `undecided`, where thresholds were asked for.
  public var verdict: String?

  public init(files: [String: [UInt8]], approximations: [String] = [], verdict: String? = nil) {
    self.files = files
    self.approximations = approximations
    self.verdict = verdict
  }

  /// The SHA-256 of all files, as manifests give it.
  public var digest: String { ContentDigest.hex(ofFiles: fileDigests) }

  /// The SHA-256 of each file, hexadecimal, by path.
  var fileDigests: [String: String] { files.mapValues(ContentDigest.hex) }
}
