import Columns
import Expressions
import TensorPrograms
import Testing
import Transform

@testable import ONNXExport

/// That ONNX Runtime reads it, and gives equal rows, is held by `ops/interop.sh`.
@Suite struct ONNXModelTests {
  private func version(_ formula: String) throws -> TransformVersion {
    let schema = Schema([Field("x", .float64), Field("s", .string)])
    let outputs = [PreprocessingFn.Output("y", try Expression(formula: formula))]
    return try LocalAnalysis(try PreprocessingFn(outputs: outputs), schema: schema).finish()
  }

  @Test func `equal versions give equal bytes`() throws {
    let one = try ONNXModel(try version("x / 3.0")).bytes
    #expect(one == (try ONNXModel(try version("x / 3.0")).bytes))
    #expect(one != (try ONNXModel(try version("x / 4.0")).bytes))
  }

  @Test(arguments: ["float(s)", "s < 'a'", "string(x)"])
  func `what cannot be written names its output`(formula: String) throws {
    let version = try version(formula)
    let error = #expect(throws: UnsupportedExport.self) { try ONNXModel(version) }
    #expect(error?.output == "y")
    #expect(error?.reason.isEmpty == false)
  }

  @Test(arguments: [
    ("length(s)", ["StringByteLength"]), ("strip(s)", ["StringStrip"]),
    ("substr(s, -2, 1)", ["StringByteLength", "StringSubstring"]),
    ("length(split(s))", ["StringSplitAtSpace"]),
    ("join(split(s, ','))", ["StringJoinByRow", "StringSplit"]),
  ])
  func `what ONNX lacks for strings is by operators of the project's own`(
    _ formula: String, _ names: [String]
  ) throws {
    let model = try ONNXModel(try version(formula))
    #expect(model.usesOperators)
    let text = String(decoding: model.bytes, as: UTF8.self)
    for name in names { #expect(text.contains(name)) }
  }

  @Test(arguments: [
    "hash_strings(s, 2)", "apply_vocabulary(s, ['a'], num_oov_buckets=2)",
    "hash_strings(s, 5, key=[1, 2])",
  ])
  func `buckets of strings are by operators of the project's own`(formula: String) throws {
    let model = try ONNXModel(try version(formula))
    #expect(model.usesOperators)
    #expect(String(decoding: model.bytes, as: UTF8.self).contains("StringToHashBucket"))
    #expect(try !ONNXModel(try version("x / 3.0")).usesOperators)
  }

  @Test(arguments: [
    "hash_strings(s, 1)", "apply_vocabulary(s, ['a'], num_oov_buckets=1)", "length(split(s, ','))",
  ])
  func `one bucket needs no hash, and lists are counted`(formula: String) throws {
    #expect(try !ONNXModel(try version(formula)).bytes.isEmpty)
  }
}
