import ByteCoding

/// `tensorflow.StructuredValue`: Python values as a SavedModel keeps them.
indirect enum StructuredValue: Sendable {
  case none
  case string(String)
  case list([StructuredValue])
  case tuple([StructuredValue])
  /// In the order of the keys' bytes.
  case dictionary([String: StructuredValue])
  case namedTuple(String, [(String, StructuredValue)])
  case tensor(String, shape: [Int64], TFType)
  /// Of rank 2.
  case sparseTensor(TFType)

  init(_ tensors: NamedTensors) {
    if let shape = tensors.denseShape {
      self = .tensor(tensors.name, shape: shape, tensors.type)
    } else {
      self = .sparseTensor(tensors.type)
    }
  }

  func write(to writer: inout ByteWriter) {
    switch self {
    case .none: writer.append(field: 1, bytes: [])
    case .string(let text): writer.append(field: 13, string: text)
    case .list(let values): writer.append(field: 51) { Self.write(values, to: &$0) }
    case .tuple(let values): writer.append(field: 52) { Self.write(values, to: &$0) }
    case .dictionary(let entries):
      writer.append(field: 53) { $0.append(map: 1, entries) { $1.write(to: &$0) } }
    case .namedTuple(let name, let values):
      writer.append(field: 54) { tuple in
        tuple.append(field: 1, string: name)
        for (key, value) in values {
          tuple.append(field: 2) { pair in
            pair.append(field: 1, string: key)
            pair.append(field: 2) { value.write(to: &$0) }
          }
        }
      }
    case .tensor(let name, let shape, let type):
      writer.append(field: 33) { spec in
        spec.append(field: 1, string: name)
        spec.append(field: 2) { TFShape(shape).write(to: &$0) }
        spec.append(field: 3, varint: type.rawValue)
      }
    case .sparseTensor(let type): writer.append(field: 34) { Self.writeSparse(type, to: &$0) }
    }
  }

  private static func write(_ values: [StructuredValue], to writer: inout ByteWriter) {
    for value in values { writer.append(field: 1) { value.write(to: &$0) } }
  }

  private static func writeSparse(_ type: TFType, to writer: inout ByteWriter) {
    writer.append(field: 1, varint: UInt64(1))
    writer.append(field: 2) { state in
      state.append(field: 52) { tuple in
        tuple.append(field: 1) { $0.append(field: 31) { TFShape([-1, -1]).write(to: &$0) } }
        tuple.append(field: 1) { $0.append(field: 32, varint: type.rawValue) }
      }
    }
    writer.append(field: 3, string: "SparseTensorSpec")
    writer.append(field: 4, varint: UInt64(3))
  }

  /// `inspect.FullArgSpec` of a function with these parameters.
  static func fullArgSpec(positional: [String] = [], keywords: [String] = []) -> StructuredValue {
    .namedTuple(
      "FullArgSpec",
      [
        ("args", .list(positional.map(Self.string))), ("varargs", .none), ("varkw", .none),
        ("defaults", .none), ("kwonlyargs", .list(keywords.map(Self.string))),
        ("kwonlydefaults", .none), ("annotations", .dictionary([:])),
      ])
  }
}
