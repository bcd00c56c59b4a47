import Expressions
import FileIOTesting
import Testing

@testable import ModelRuntime

/// That the libraries run real models is held by `ops/interop.sh`.
@Suite struct ModelLibraryTests {
  private func library(
    _ directory: String, environment: [String: String] = [:], home: String = "/nowhere"
  ) -> ModelLibrary {
    ModelLibrary(
      search: LibrarySearch(environment: environment), directory: directory,
      operators: OperatorLibrary(environment: [:], home: home))
  }

  private func failure(
    _ library: ModelLibrary, _ function: ModelFunction, _ path: String
  ) throws -> String {
    let request = ModelRequest(function: function, path: path, signature: nil)
    return try #require(throws: ModelFailure.self) { _ = try library.open(request) }.description
  }

  @Test func `a model that is not there is named with the directory of the job`() throws {
    let directory = try TemporaryDirectory()
    let library = library(directory.path)
    #expect(
      try failure(library, .onnx, "m.onnx") == "there is no file \(directory.path)/m.onnx")
    #expect(try failure(library, .savedModel, "m").contains("no SavedModel in \(directory.path)/m"))
    #expect(try failure(library, .onnx, "/m.onnx") == "there is no file /m.onnx")
  }

  @Test(arguments: [
    (ModelFunction.onnx, "m.onnx", "ONNX Runtime", "LIMNO_ONNXRUNTIME", "pip install onnxruntime"),
    (.savedModel, "m", "TensorFlow", "LIMNO_TENSORFLOW", "pip install tensorflow"),
  ])
  func `without the library the message says what was looked for, where, and how to install it`(
    function: ModelFunction, path: String, name: String, variable: String, installation: String
  ) throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write("m.onnx", "")
    _ = try directory.write("m/saved_model.pb", "")
    let given = library(directory.path, environment: [variable: "/nowhere/lib.so"])
    let message = try failure(given, function, path)
    #expect(message.contains("\(name) is not at /nowhere/lib.so, as \(variable) says"))
    #expect(message.contains(installation))
  }

  @Test func `what is no library says what the loader says`() throws {
    let directory = try TemporaryDirectory()
    let text = try directory.write("text.so", "this is no library")
    _ = try directory.write("m.onnx", "")
    let library = library(directory.path, environment: ["LIMNO_ONNXRUNTIME": text])
    let message = try failure(library, .onnx, "m.onnx")
    #expect(message.contains("ONNX Runtime is not there"))
    #expect(message.contains("text.so") && message.contains("--python"))
  }

  @Test func `libraries are looked for in the Python given, then others, newest first`() throws {
    let directory = try TemporaryDirectory()
    for prefix in ["given", "other", "path"] {
      let site = "\(prefix)/lib/python3.11/site-packages/onnxruntime/capi"
      _ = try directory.write("\(site)/libonnxruntime.so.1.20.0", "")
      _ = try directory.write("\(site)/libonnxruntime.so.1.21.0", "")
    }
    _ = try directory.write("path/bin/python3", "")
    let search = LibrarySearch(
      python: directory.path + "/given/bin/python",
      environment: [
        "LIMNO_PYTHON": directory.path + "/other/bin/python", "PATH": directory.path + "/path/bin",
      ])
    let found = try search.candidates(for: .onnxRuntime)
    let wanted = ["given", "other", "path"].flatMap { prefix in
      ["1.21.0", "1.20.0"].map {
        "\(directory.path)/\(prefix)/lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime.so.\($0)"
      }
    }
    #expect(Array(found.prefix(6)) == wanted)
    #expect(found.suffix(2) == ["libonnxruntime.so.1", "libonnxruntime.so"])
    var pinned = search
    let library = try directory.write("lib/my.so", "")
    pinned.paths["LIMNO_ONNXRUNTIME"] = library
    #expect(try pinned.candidates(for: .onnxRuntime) == [library])
  }

  @Test func `a model is named by the digest of its files`() throws {
    let directory = try TemporaryDirectory()
    // SHA-256 of "abc": FIPS 180-2, appendix B.1.
    #expect(
      ModelDigest.file(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    _ = try directory.write("m/a", "abc")
    _ = try directory.write("m/sub/b", "abc")
    let one = try ModelDigest.directory(directory.path + "/m")
    _ = try directory.write("m/sub/b", "abd")
    let two = try ModelDigest.directory(directory.path + "/m")
    _ = try directory.write("m/sub/b", "abc")
    #expect(one != two)
    #expect(try ModelDigest.directory(directory.path + "/m") == one)
  }

  @Test func `the operators are looked for beside the executable, or where the environment says`()
    throws
  {
    let directory = try TemporaryDirectory()
    #expect(OperatorLibrary(environment: [:], home: directory.path).path == nil)
    let beside = try directory.write(OperatorLibrary.fileName, "")
    #expect(OperatorLibrary(environment: [:], home: directory.path).path == beside)
    let other = try directory.write("other.so", "")
    let given = [OperatorLibrary.variable: other]
    #expect(OperatorLibrary(environment: given, home: directory.path).path == other)
  }
}
