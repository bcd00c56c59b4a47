import FileIO
import FileIOTesting
import Foundation
import Snapshots
import Testing

/// What a run publishes of a transform beside `graph.json`.
@Suite struct ExportTests {
  private static func job(
    _ directory: TemporaryDirectory, output: String, formula: String = "scale_to_0_1(fare)"
  ) throws -> String {
    let rows = (0..<40).map { #"{"fare": \#($0), "company": "c\#($0 % 3)"}"# + "\n" }
    let input = try directory.write("in/a.jsonl", rows.joined())
    return try directory.write(
      "job.yaml",
      """
      job: exports
      source: { files: { paths: [\(input)], format: jsonl } }
      windows: { global: {} }
      transform: { outputs: { y: "\(formula)", id: compute_and_apply_vocabulary(company) } }
      output: { snapshots: \(directory.path)/out\(output) }

      """)
  }

  private func exports(_ directory: TemporaryDirectory) throws -> [String: String] {
    try SnapshotStore(directory: directory.path + "/out").entry(at: "transform/1").manifest.exports
  }

  @Test func `by default both models are published, and one more where it is served`() throws {
    let directory = try TemporaryDirectory()
    let outcome = try Limno.run("run", try Self.job(directory, output: ""))
    try #require(outcome.status == 0, "\(outcome)")
    #expect(try exports(directory) == ["saved_model": "published", "onnx": "published"])
    let version = try DirectoryContent.read(directory.path + "/out/transform/1").files
    let serving = try DirectoryContent.read(directory.path + "/out/serving/1").files
    let model = version.filter { $0.key.hasPrefix("transform_fn/") }
    #expect(model == Dictionary(uniqueKeysWithValues: serving.map { ("transform_fn/" + $0, $1) }))
    #expect(serving["assets/vocabulary_company"] == Array("c0\nc2\nc1\n".utf8))
    #expect(version["model.onnx"] != nil)
    let verified = try Limno.run("snapshot", "verify", directory.path + "/out")
    #expect(verified.status == 0, "\(verified)")
    let rows = try Limno.run(
      "transform", "--graph", directory.path + "/out/transform/1", directory.path + "/in/a.jsonl")
    #expect(rows.status == 0, "\(rows)")
  }

  @Test func `export says which, and what cannot be exported says why`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(
      directory, output: ", export: [onnx]", formula: "float(company)")
    let outcome = try Limno.run("run", job)
    try #require(outcome.status == 0, "\(outcome)")
    let exports = try exports(directory)
    #expect(exports.keys.sorted() == ["onnx"])
    #expect(exports["onnx"]?.hasPrefix("unsupported: y: float of text") == true)
    let files = try DirectoryContent.read(directory.path + "/out/transform/1").names
    #expect(files.sorted() == ["assets/vocabulary_company", "graph.json", "manifest.json"])
    #expect(try FileSystem.kind(of: directory.path + "/out/serving") == nil)
  }

  @Test func `a version is exported after the fact, to the same bytes`() throws {
    let directory = try TemporaryDirectory()
    let outcome = try Limno.run("run", try Self.job(directory, output: ", export: []"))
    try #require(outcome.status == 0, "\(outcome)")
    #expect(try exports(directory) == [:])
    let second = try TemporaryDirectory()
    _ = try Limno.run("run", try Self.job(second, output: ""))
    let target = directory.path + "/exported"
    let export = try Limno.run(
      "snapshot", "export", directory.path + "/out/transform/1", "--out", target)
    #expect(export.status == 0, "\(export)")
    var expected = try DirectoryContent.read(second.path + "/out/transform/1").files
    expected["manifest.json"] = nil
    #expect(try DirectoryContent.read(target).files == expected)
  }

  @Test func `an unknown format is refused with the known ones`() throws {
    let directory = try TemporaryDirectory()
    let outcome = try Limno.run("run", try Self.job(directory, output: ", export: [onyx]"))
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("onnx") && outcome.errors.contains("saved_model"))
  }
}
