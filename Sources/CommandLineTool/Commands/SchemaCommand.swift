public import ArgumentParser
import Columns
public import FileIO
import Formats

/// `limno schema FILE`: the columns of a file, as a job file would write them.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the columns of a file and their types.",
    discussion: "Reads the first records (1 MiB); the format is taken from the name if not given.")

  @Argument(help: "The file; .gz, .lz4 and .zst are decompressed.", completion: .file())
  var file: String

  @Option(help: "jsonl, csv or tfrecord.")
  var format: FileFormat?

  func run() throws {
    try reportingErrors {
      let format = try self.format ?? FileFormat.of(file)
      let fields = try SchemaFinder(format: format, splits: [file]).found()
      guard !fields.isEmpty else { throw SchemaFailure(file: file) }
      print("schema:")
      for field in fields { print("  \(field.name): \(FieldType.name(of: field))") }
    }
  }
}

private struct SchemaFailure: Error, CustomStringConvertible {
  let file: String
  var description: String { "\(file): no record to learn columns from" }
}

extension FileFormat: ExpressibleByArgument {
  /// The format that the name of a file says it has, its compression aside.
  static func of(_ file: String) throws -> FileFormat {
    let name = Compression.strippingSuffix(of: file)
    if name.hasSuffix(".jsonl") || name.hasSuffix(".json") || name.hasSuffix(".ndjson") {
      return .jsonl
    }
    if name.hasSuffix(".csv") { return .csv }
    if name.hasSuffix(".tfrecord") || name.hasSuffix(".tfrecords") { return .tfrecord }
    throw ValidationError("the format of '\(file)' is not plain from its name; give --format")
  }
}
