import FileIOTesting
import Testing

/// Jobs that call models, without what runs them; `ops/interop.sh` has it.
@Suite struct ModelJobTests {
  private func job(_ directory: TemporaryDirectory, _ formula: String) throws -> String {
    let input = try directory.write("in.jsonl", #"{"x": 1.5}"# + "\n")
    return try directory.write(
      "job.yaml",
      """
      job: models
      source: { files: { paths: [\(input)], format: jsonl } }
      windows: { global: {} }
      aggregate:
        values: { total: "sum(\(formula))" }
      output: { snapshots: \(directory.path)/out }

      """)
  }

  @Test func `a model that is not there is named with line, formula and path`() throws {
    let directory = try TemporaryDirectory()
    let outcome = try Limno.run("validate", try job(directory, "onnx('models/m.onnx', x)"))
    #expect(outcome.status == 2)
    #expect(
      outcome.errors.contains(
        "job.yaml:5:20: aggregate.values.total: in 'sum(onnx('models/m.onnx', x))', column 5: "
          + "models/m.onnx: there is no file \(directory.path)/models/m.onnx"), "\(outcome)")
  }

  @Test func `without the library the message says where it was looked for`() throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write("m/saved_model.pb", "")
    let outcome = try Limno.run(
      "run", try job(directory, "saved_model('m', x)"),
      environment: ["LIMNO_TENSORFLOW": "/nowhere/libtensorflow_cc.so.2"])
    #expect(outcome.status == 2)
    #expect(
      outcome.errors.contains(
        "TensorFlow is not at /nowhere/libtensorflow_cc.so.2, as LIMNO_TENSORFLOW says"),
      "\(outcome)")
  }

  @Test func `runtimes says what is there and what is not`() throws {
    let outcome = try Limno.run(
      "runtimes",
      environment: ["LIMNO_TENSORFLOW": "/nowhere/a.so", "LIMNO_ONNXRUNTIME": "/nowhere/b.so"])
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.contains("TensorFlow is not at /nowhere/a.so"))
    #expect(outcome.output.contains("operators"))
  }

  @Test func `the catalogue lists the functions`() throws {
    let outcome = try Limno.run("catalog", "functions")
    #expect(outcome.output.contains("onnx(model, *inputs, output=None)"))
    #expect(outcome.output.contains("saved_model(model, *inputs, signature=None, output=None)"))
  }
}
