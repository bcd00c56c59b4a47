import ArgumentParser
import FileIO
import Foundation

/// `limno skew --graph DIR FILE…`: whether a model serves what was trained on.
struct SkewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "skew",
    abstract: "Compare a published version with its exported models on rows.",
    discussion: """
      Takes every so manyth row of the files through the native graph, and in Python through the \
      SavedModel (TensorFlow) and the ONNX model (ONNX Runtime) published beside it, and tells \
      every output that differs. Exits 1 if one does. The Python is that of --python, of \
      LIMNO_PYTHON, or python3.

        limno skew --graph out/transform/1 rides.jsonl --python venv/bin/python
      """)

  @OptionGroup var input: VersionInput

  @Option(help: "tensorflow or onnx; may be given again (default: those that were published).")
  var runtime: [SkewRuntime] = []

  @Option(help: "At least so many rows are compared, if there are.")
  var rows = 10_000

  @Option(help: "How many units in the last place of a 32-bit float may differ.")
  var ulps = 1

  @Option(help: "table or json.")
  var output = OutputFormat.table

  func validate() throws {
    if rows < 1 { throw ValidationError("--rows must be at least 1") }
    if ulps < 0 { throw ValidationError("--ulps must not be negative") }
  }

  func run() throws {
    try reportingErrors {
      let version = try input.version()
      var check = SkewCheck(version, rows: rows)
      var transformer = RowTransformer(version)
      for (path, format) in try input.paths() {
        try transformer.transform(path, format: format) {
          check.add($0, $1)
        } refuse: { _ in
        }
      }
      var differs = false
      for (runtime, model) in try models() {
        let lines = try compare(check, runtime, model)
        try print(lines, runtime)
        differs = differs || lines.contains { $0.mismatches > 0 }
      }
      if differs { throw ExitStatus.failure }
    }
  }

  /// The models there are, or those that are asked for.
  private func models() throws -> [(SkewRuntime, path: String)] {
    let known = [
      (SkewRuntime.tensorflow, input.graph + "/transform_fn"), (.onnx, input.graph + "/model.onnx"),
    ]
    let there = try known.filter { try FileSystem.kind(of: $0.1) != nil }
    let wanted = runtime.isEmpty ? there : known.filter { runtime.contains($0.0) }
    guard !wanted.isEmpty else { throw NoModel(path: input.graph) }
    for (_, path) in wanted where !there.contains(where: { $0.1 == path }) {
      throw NoModel(path: path)
    }
    return wanted.map { ($0.0, path: $0.1) }
  }

  private func compare(
    _ check: SkewCheck, _ runtime: SkewRuntime, _ model: String
  ) throws -> [SkewCheck.Line] {
    let folder = NSTemporaryDirectory() + "limno-skew-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let python =
      input.models.python ?? ProcessInfo.processInfo.environment["LIMNO_PYTHON"] ?? "python3"
    return try check.run(runtime, model: model, python: python, ulps: ulps, in: folder)
  }

  private func print(_ lines: [SkewCheck.Line], _ runtime: SkewRuntime) throws {
    if output == .json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let report = try encoder.encode([runtime.rawValue: lines])
      return Swift.print(String(decoding: report, as: UTF8.self))
    }
    let wrong = lines.filter { $0.mismatches > 0 }
    let rows = lines.first?.rows ?? 0
    Swift.print(
      "\(runtime.rawValue): \(rows.grouped) rows, \(lines.count - wrong.count) of \(lines.count) "
        + "outputs equal")
    for line in wrong {
      Swift.print("  \(line.output): \(line.mismatches.grouped) rows differ; \(line.first)")
    }
  }
}

private struct NoModel: Error, CustomStringConvertible {
  let path: String
  var description: String {
    "\(path): no model is published there; 'limno snapshot export' writes one"
  }
}

extension SkewRuntime: ExpressibleByArgument {}
