import ArgumentParser
import Foundation
import ModelRuntime

/// `limno runtimes`: what runs models, and where it is.
struct RuntimesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runtimes",
    abstract: "Show which libraries that run models are there, and where.",
    discussion: """
      onnx(…) in formulas needs ONNX Runtime, saved_model(…) needs TensorFlow. Both are found when a \
      job uses them: at the path that the job file (runtimes) or the environment \
      (LIMNO_ONNXRUNTIME, LIMNO_TENSORFLOW) gives; in the site-packages of --python, LIMNO_PYTHON, \
      the active environment and the Pythons of PATH; by the dynamic loader.

      The operators are those of ONNX models that limno publishes and that ONNX itself does not have; \
      in Python, SessionOptions.register_custom_ops_library takes the path.
      """)

  @Option(help: "A Python whose site-packages come first.", completion: .file())
  var python: String?

  @Option(help: "table or json.")
  var output = OutputFormat.table

  func run() throws {
    let library = ModelLibrary(directory: "", places: RuntimePlaces(python: python))
    let operators = OperatorLibrary.beside(ProcessInfo.processInfo.environment)
    var rows = library.statuses().map { status in
      (status.library.name, status.version, status.place)
    }
    rows.append(
      (
        "operators", operators.path.map { _ in "limnograph 1" },
        operators.path ?? "\(OperatorLibrary.fileName) is not there: looked for \(operators.places)"
      ))
    if output == .json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let lines = rows.map { Line(library: $0.0, version: $0.1, place: $0.2) }
      return print(String(decoding: try encoder.encode(lines), as: UTF8.self))
    }
    var table = Table([("library", .left), ("version", .left), ("", .left)])
    for (name, version, place) in rows { table.add([name, version ?? "-", place]) }
    print(table.text)
  }

  private struct Line: Encodable {
    var library: String
    /// Not there without one.
    var version: String?
    var place: String
  }
}
