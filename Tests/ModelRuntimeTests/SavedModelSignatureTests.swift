import ByteCoding
import Expressions
import Testing

@testable import ModelRuntime

@Suite struct SavedModelSignatureTests {
  /// As `meta_graph.proto` and `tensor_shape.proto` number their fields.
  private func tensor(
    _ writer: inout ByteWriter, _ name: String, _ place: String, _ type: UInt64, _ sizes: [Int64]?
  ) {
    writer.append(field: 1, string: name)
    writer.append(field: 2) { info in
      info.append(field: 1, string: place)
      info.append(field: 2, varint: type)
      info.append(field: 3) { shape in
        guard let sizes else { return shape.append(field: 3, varint: UInt64(1)) }
        for size in sizes { shape.append(field: 2) { $0.append(field: 1, varint: size) } }
      }
    }
  }

  @Test func `signatures are read from a MetaGraphDef`() throws {
    var writer = ByteWriter()
    for name in ["serving_default", "__saved_model_init_op"] {
      writer.append(field: 5) { entry in
        entry.append(field: 1, string: name)
        entry.append(field: 2) { definition in
          definition.append(field: 1) { tensor(&$0, "x", "serving_default_x:0", 1, [-1, 3]) }
          definition.append(field: 1) { tensor(&$0, "a", "serving_default_a:0", 7, [-1]) }
          definition.append(field: 2) { tensor(&$0, "y", "StatefulPartitionedCall:2", 3, nil) }
          definition.append(field: 2) { tensor(&$0, "z", "StatefulPartitionedCall:1", 19, [-1]) }
        }
      }
    }
    let signatures = SavedModelSignature.all(inMetaGraph: writer.bytes)
    #expect(signatures.keys.sorted() == ["serving_default"])
    let signature = try #require(signatures["serving_default"])
    #expect(
      signature.inputs.map(\.tensor) == [
        ModelTensor(name: "a", element: .string, shape: [nil]),
        ModelTensor(name: "x", element: .float32, shape: [nil, 3]),
      ])
    #expect(
      signature.outputs.map(\.tensor) == [
        ModelTensor(name: "y", element: .int32, shape: nil),
        ModelTensor(name: "z", element: .other("float16"), shape: [nil]),
      ])
    #expect(
      signature.outputs.map(\.operation) == ["StatefulPartitionedCall", "StatefulPartitionedCall"])
    #expect(signature.outputs.map(\.index) == [2, 1])
  }

  @Test func `the domains of an ONNX model are read`() {
    var writer = ByteWriter()
    writer.append(field: 1, varint: UInt64(9))
    writer.append(field: 8) { $0.append(field: 2, varint: UInt64(20)) }
    writer.append(field: 8) { $0.append(field: 1, string: "limnograph") }
    #expect(ONNXRuntime.domains(writer.bytes) == ["limnograph"])
    #expect(ONNXRuntime.domains(Array("no model".utf8)).isEmpty)
  }
}
