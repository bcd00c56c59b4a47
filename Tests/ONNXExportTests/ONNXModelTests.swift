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

  @Test(arguments: [
    "hash_strings(s, 2)", "apply_vocabulary(s, ['a'], num_oov_buckets=2)", "length(s)", "strip(s)",
    "length(split(s))", "join(split(s, ','))",
  ])
  func `what ONNX has no operator for names its output`(formula: String) throws {
    let version = try version(formula)
    let error = #expect(throws: UnsupportedExport.self) { try ONNXModel(version) }
    #expect(error?.output == "y")
    #expect(error?.reason.contains("ONNX") == true)
  }

  @Test(arguments: [
    "hash_strings(s, 1)", "apply_vocabulary(s, ['a'], num_oov_buckets=1)", "length(split(s, ','))",
  ])
  func `one bucket needs no hash, and lists are counted`(formula: String) throws {
    #expect(try !ONNXModel(try version(formula)).bytes.isEmpty)
  }
}
