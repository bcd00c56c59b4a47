import ArgumentParser
import FileIO
import ModelRuntime
import Transform

/// What commands that give rows to a published version have in common.
struct VersionInput: ParsableArguments {
  @Option(
    help: "The directory of one transform version (with graph.json).", completion: .directory)
  var graph: String

  @Argument(
    help: "Files to read; .gz, .lz4 and .zst are decompressed. Patterns are expanded.",
    completion: .file())
  var files: [String]

  @Option(help: "jsonl, csv or tfrecord; taken from the names if not given.")
  var format: FileFormat?

  @OptionGroup var models: ModelOptions

  /// The version, read from its directory.
  func version() throws -> TransformVersion {
    try TransformDirectory.version(at: graph, models: models.library)
  }

  /// The files that the patterns name, each with its format.
  func paths() throws -> [(path: String, format: FileFormat)] {
    try PathExpansion.files(matching: files).map { ($0, try format ?? FileFormat.of($0)) }
  }
}
