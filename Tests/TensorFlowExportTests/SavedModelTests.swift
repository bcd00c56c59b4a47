import ByteCoding
import Columns
import Expressions
import Foundation
import TensorPrograms
import Testing
import Transform

@testable import TensorFlowExport

/// That real loaders read it is held by `ops/interop.sh`.
@Suite struct SavedModelTests {
  static func version(
    _ formulas: [(name: String, formula: String)] = [
      ("z", "scale_to_z_score(x)"), ("id", "compute_and_apply_vocabulary(s, num_oov_buckets=2)"),
      ("words", "split(s)"), ("n", "fill_missing(n, 0)"),
      ("own", "apply_vocabulary(s, ['b', '', 'b'])"),
    ]
  ) throws -> TransformVersion {
    let schema = Schema([Field("x", .float64), Field("n", .int64), Field("s", .string)])
    var analysis = try LocalAnalysis(
      try PreprocessingFn(
        outputs: formulas.map { .init($0.name, try Expression(formula: $0.formula)) }),
      schema: schema)
    analysis.add(
      RecordBatch(
        schema: schema, rowCount: 3,
        columns: [
          .float64(Float64Column([1, 2, 6])), .int64(Int64Column([1, 2, 3])),
          .string(StringColumn(["b", "a", "a"])),
        ]))
    return try analysis.finish()
  }

  private func fixture(_ name: String) throws -> [UInt8] {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let path = "Fixtures/tensorflow/empty_checkpoint/\(name)"
    return Array(try Data(contentsOf: tests.appending(path: path)))
  }

  @Test func `the checkpoint is TensorFlow's for a model without variables`() throws {
    #expect(Checkpoint.index == (try fixture("variables.index")))
    #expect(Checkpoint.data == (try fixture("variables.data-00000-of-00001")))
  }

  @Test func `equal versions give equal bytes`() throws {
    let one = try TransformOutput(try Self.version()).files
    let two = try TransformOutput(try Self.version()).files
    #expect(one == two)
    let other = try TransformOutput(try Self.version([("z", "x - mean(x)")])).files
    #expect(one["transform_fn/saved_model.pb"] != other["transform_fn/saved_model.pb"])
  }

  @Test func `the layout is TFT's`() throws {
    let output = try TransformOutput(try Self.version())
    #expect(
      output.files.keys.sorted() == [
        "metadata/schema.pbtxt", "transform_fn/assets/vocabulary_s",
        "transform_fn/saved_model.pb", "transform_fn/variables/variables.data-00000-of-00001",
        "transform_fn/variables/variables.index", "transformed_metadata/asset_map",
        "transformed_metadata/schema.pbtxt",
      ])
    #expect(output.files["transform_fn/assets/vocabulary_s"] == Array("a\nb\n".utf8))
    #expect(
      output.files["transformed_metadata/asset_map"]
        == Array(#"{"vocabulary_s":"vocabulary_s"}"#.utf8))
    for (path, bytes) in output.model { #expect(output.files["transform_fn/" + path] == bytes) }
  }

  @Test func `nodes read nodes before them, and functions return theirs`() throws {
    let bytes = try #require(SavedModel(try Self.version()).files["saved_model.pb"])
    let meta = try #require(try WireMessage(bytes).messages(2).first)
    let graph = try #require(try meta.messages(2).first)
    try check(try graph.messages(1), arguments: [])
    let functions = try #require(try graph.messages(2).first).messages(1)
    // Four ways in, one signature, and two functions for each of two tables.
    #expect(functions.count == 9)
    for function in functions {
      let signature = try #require(try function.messages(1).first)
      let arguments = try signature.messages(2).flatMap { $0.strings(1) }
      let names = try check(try function.messages(3), arguments: arguments)
      let results = try signature.messages(3).flatMap { $0.strings(1) }
      let returns = try function.messages(4)
      #expect(returns.flatMap { $0.strings(1) } == results)
      for source in returns.flatMap({ $0.strings(2) }) {
        #expect(names.contains(String(source.prefix { $0 != ":" })))
      }
    }
  }

  /// Each input is an argument or a node before; returns all names.
  @discardableResult
  private func check(_ nodes: [WireMessage], arguments: [String]) throws -> Set<String> {
    var names = Set(arguments)
    for node in nodes {
      for input in node.strings(3) {
        let source = String(input.prefix { $0 != ":" }.drop { $0 == "^" })
        #expect(names.contains(source), "\(node.strings(1)) reads \(input)")
      }
      let name = try #require(node.strings(1).first)
      #expect(names.insert(name).inserted, "\(name) is there twice")
    }
    return names
  }

  @Test func `the schema says types, shapes and domains`() throws {
    let files = try TransformOutput(
      try Self.version([
        ("b", "bucketize(x, 3)"), ("f", "fill_missing(x, 0.5)"),
        ("hot", "one_hot(fill_missing(n, 0), 4)"),
        ("ü", "upper(s)"),
      ])
    ).files
    let text = try #require(files["transformed_metadata/schema.pbtxt"])
    #expect(
      String(decoding: text, as: UTF8.self) == """
        feature {
          name: "b"
          type: INT
          int_domain {
            min: 0
            max: 2
            is_categorical: true
          }
        }
        feature {
          name: "f"
          type: FLOAT
          presence {
            min_fraction: 1.0
          }
          shape {
          }
        }
        feature {
          name: "hot"
          type: FLOAT
          presence {
            min_fraction: 1.0
          }
          shape {
            dim {
              size: 4
            }
          }
        }
        feature {
          name: "\\303\\274"
          type: BYTES
        }

        """)
  }
}
