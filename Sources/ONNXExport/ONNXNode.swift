import ByteCoding
import TensorPrograms

/// `onnx.TensorProto.DataType`, as far as it is used.
enum ONNXType: UInt64, Hashable, Sendable {
  case float = 1
  case int64 = 7
  case string = 8
  case bool = 9
  case double = 11

  init(_ type: TensorType) {
    self =
      switch type {
      case .bool: .bool
      case .int64: .int64
      case .float64: .double
      case .string: .string
      }
  }
}

/// `onnx.TensorProto`: a value that stands in the model.
enum ONNXTensor: Hashable, Sendable {
  case bool(Bool)
  case int64(Int64)
  case double(UInt64)
  case string([UInt8])
  case int64s([Int64])
  case doubles([UInt64])
  case bools([Bool])
  case strings([[UInt8]])

  init(_ constant: TensorConstant) {
    self =
      switch constant {
      case .bool(let value): .bool(value)
      case .int64(let value): .int64(value)
      case .float64(let value): .double(value.bitPattern)
      case .string(let value): .string(value)
      }
  }

  var type: ONNXType {
    switch self {
    case .bool, .bools: .bool
    case .int64, .int64s: .int64
    case .double, .doubles: .double
    case .string, .strings: .string
    }
  }

  func write(named name: String, to writer: inout ByteWriter) {
    var raw = ByteWriter()
    var strings: [[UInt8]] = []
    var count: Int?
    switch self {
    case .bool(let value): raw.append(UInt8(value ? 1 : 0))
    case .int64(let value): raw.append(littleEndian: value)
    case .double(let bits): raw.append(littleEndian: bits)
    case .string(let value): strings = [value]
    case .int64s(let values):
      for value in values { raw.append(littleEndian: value) }
      count = values.count
    case .doubles(let values):
      for value in values { raw.append(littleEndian: value) }
      count = values.count
    case .bools(let values):
      for value in values { raw.append(UInt8(value ? 1 : 0)) }
      count = values.count
    case .strings(let values):
      strings = values
      count = values.count
    }
    if let count { writer.append(field: 1, varint: UInt64(count)) }
    writer.append(field: 2, varint: type.rawValue)
    for string in strings { writer.append(field: 6, bytes: string) }
    writer.append(field: 8, string: name)
    if type != .string { writer.append(field: 9, bytes: raw.bytes) }
  }
}

/// `onnx.AttributeProto`.
enum ONNXAttribute: Hashable, Sendable {
  case int(Int64)
  case string([UInt8])
  case ints([Int64])
  case strings([[UInt8]])

  static func text(_ value: String) -> Self { .string(Array(value.utf8)) }

  func write(named name: String, to writer: inout ByteWriter) {
    writer.append(field: 1, string: name)
    switch self {
    case .int(let value):
      writer.append(field: 3, varint: value)
      writer.append(field: 20, varint: UInt64(2))
    case .string(let value):
      writer.append(field: 4, bytes: value)
      writer.append(field: 20, varint: UInt64(3))
    case .ints(let values):
      for value in values { writer.append(field: 8, varint: value) }
      writer.append(field: 20, varint: UInt64(7))
    case .strings(let values):
      for value in values { writer.append(field: 9, bytes: value) }
      writer.append(field: 20, varint: UInt64(8))
    }
  }
}

/// `onnx.NodeProto`.
struct ONNXNode: Hashable, Sendable {
  var op: String
  var inputs: [String]
  var outputs: [String]
  var attributes: [String: ONNXAttribute]
  /// Empty for ONNX's own operators.
  var domain: String

  func write(to writer: inout ByteWriter) {
    for input in inputs { writer.append(field: 1, string: input) }
    for output in outputs { writer.append(field: 2, string: output) }
    writer.append(field: 4, string: op)
    let names = attributes.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for name in names {
      writer.append(field: 5) { attributes[name]?.write(named: name, to: &$0) }
    }
    if !domain.isEmpty { writer.append(field: 7, string: domain) }
  }
}

/// A named input or output of the model; `nil` is a size that differs from call to call.
struct ONNXValue: Hashable, Sendable {
  var name: String
  var type: ONNXType
  var shape: [Int64?]

  func write(to writer: inout ByteWriter) {
    writer.append(field: 1, string: name)
    writer.append(field: 2) { type in
      type.append(field: 1) { tensor in
        tensor.append(field: 1, varint: self.type.rawValue)
        tensor.append(field: 2) { shape in
          for size in self.shape {
            shape.append(field: 1) { if let size { $0.append(field: 1, varint: size) } }
          }
        }
      }
    }
  }
}
