import ArgumentParser
import FileIO
import Foundation
import Snapshots

/// `limno snapshot export DIR --out DIR`: a version in foreign formats, after the fact.
struct SnapshotExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a published transform version in foreign formats.",
    discussion: """
      For versions that were published without them; limno run writes them beside graph.json as \
      output.export says. The directory must not exist yet.

        limno snapshot export out/transform/1 --out exported
      """)

  @Argument(
    help: "The directory of one transform version (with graph.json).", completion: .directory)
  var version: String

  @Option(help: "Where to write.", completion: .directory)
  var out: String

  @Option(help: "saved_model or onnx; may be given again (default: both).")
  var to: [ExportFormat] = []

  @OptionGroup var models: ModelOptions

  func run() throws {
    try reportingErrors {
      let version = try TransformDirectory.version(at: version, models: models.library)
      let formats = to.isEmpty ? ExportFormat.allCases : to
      let payload = TransformFiles(formats: formats).payload(version)
      try AtomicDirectory(attempt: "\(ProcessInfo.processInfo.processIdentifier)").publish(
        DirectoryContent(path: out, files: payload.files))
      for format in formats {
        printToError("\(format.rawValue): \(payload.exports[format.rawValue] ?? "")")
      }
      if payload.exports.values.contains(where: { !$0.hasPrefix("published") }) {
        throw ExitStatus.failure
      }
    }
  }
}

extension ExportFormat: ExpressibleByArgument {}
