import ByteCoding

/// `tensorflow.DataType`, as far as it is used.
enum TFType: UInt64, Hashable, Sendable {
  case float = 1
  case double = 2
  case int32 = 3
  case string = 7
  case int64 = 9
  case bool = 10
  case resource = 20
}

/// `tensorflow.TensorProto`: a value that stands in the graph.
enum TFTensor: Hashable, Sendable {
  case bool(Bool)
  case int32(Int32)
  case int64(Int64)
  case double(Double)
  case float(Float)
  case string([UInt8])
  case int64s([Int64])
  case doubles([UInt64], shape: [Int64])
  case strings([[UInt8]])

  var type: TFType {
    switch self {
    case .bool: .bool
    case .int32: .int32
    case .int64, .int64s: .int64
    case .double, .doubles: .double
    case .float: .float
    case .string, .strings: .string
    }
  }

  var shape: [Int64] {
    switch self {
    case .int64s(let values): [Int64(values.count)]
    case .strings(let values): [Int64(values.count)]
    case .doubles(_, let shape): shape
    default: []
    }
  }

  /// `tensor_content` holds numbers, little-endian; strings are a field each.
  func write(to writer: inout ByteWriter) {
    writer.append(field: 1, varint: type.rawValue)
    writer.append(field: 2) { TFShape(shape).write(to: &$0) }
    var content = ByteWriter()
    switch self {
    case .bool(let value): content.append(UInt8(value ? 1 : 0))
    case .int32(let value): content.append(littleEndian: value)
    case .int64(let value): content.append(littleEndian: value)
    case .double(let value): content.append(value)
    case .float(let value): content.append(littleEndian: value.bitPattern)
    case .int64s(let values): for value in values { content.append(littleEndian: value) }
    case .doubles(let values, _): for value in values { content.append(littleEndian: value) }
    case .string(let bytes): return writer.append(field: 8, bytes: bytes)
    case .strings(let values):
      for value in values { writer.append(field: 8, bytes: value) }
      return
    }
    writer.append(field: 4, bytes: content.bytes)
  }
}

/// `tensorflow.TensorShapeProto`; −1 is an unknown size.
struct TFShape: Hashable, Sendable {
  /// `nil` for an unknown rank.
  var sizes: [Int64]?

  init(_ sizes: [Int64]?) { self.sizes = sizes }

  func write(to writer: inout ByteWriter) {
    guard let sizes else { return writer.append(field: 3, varint: UInt64(1)) }
    for size in sizes { writer.append(field: 2) { $0.append(field: 1, varint: size) } }
  }
}

/// `tensorflow.AttrValue`.
enum TFAttribute: Hashable, Sendable {
  case string([UInt8])
  case int(Int64)
  case bool(Bool)
  case type(TFType)
  case shape(TFShape)
  case tensor(TFTensor)
  case function(String)
  case ints([Int64])
  case types([TFType])
  case shapes([TFShape])

  static func text(_ value: String) -> Self { .string(Array(value.utf8)) }

  func write(to writer: inout ByteWriter) {
    switch self {
    case .string(let value): writer.append(field: 2, bytes: value)
    case .int(let value): writer.append(field: 3, varint: value)
    case .bool(let value): writer.append(field: 5, varint: UInt64(value ? 1 : 0))
    case .type(let value): writer.append(field: 6, varint: value.rawValue)
    case .shape(let value): writer.append(field: 7) { value.write(to: &$0) }
    case .tensor(let value): writer.append(field: 8) { value.write(to: &$0) }
    case .function(let name): writer.append(field: 10) { $0.append(field: 1, string: name) }
    case .ints(let values):
      writer.append(field: 1) { list in
        list.append(field: 3, bytes: Self.packed(values.map { UInt64(bitPattern: $0) }))
      }
    case .types(let values):
      writer.append(field: 1) { list in
        list.append(field: 6, bytes: Self.packed(values.map(\.rawValue)))
      }
    case .shapes(let values):
      writer.append(field: 1) { list in
        for value in values { list.append(field: 7) { value.write(to: &$0) } }
      }
    }
  }

  private static func packed(_ values: [UInt64]) -> [UInt8] {
    var writer = ByteWriter()
    for value in values { writer.append(varint: value) }
    return writer.bytes
  }
}

/// `tensorflow.NodeDef`; written once, since a wide program has hundreds of thousands.
struct GraphNode: Sendable {
  typealias Attributes = KeyValuePairs<String, TFAttribute>

  let name: String
  let op: String
  /// Op, inputs and attributes as they are written: every field but the name, which comes first.
  let content: Content

  struct Content: Hashable, Sendable {
    let bytes: [UInt8]

    init(_ op: String, _ inputs: [String], _ attributes: Attributes) {
      var writer = ByteWriter()
      writer.append(field: 2, string: op)
      for input in inputs { writer.append(field: 3, string: input) }
      writer.append(map: 5, attributes) { $1.write(to: &$0) }
      bytes = writer.bytes
    }

    /// An array would be hashed byte by byte.
    func hash(into hasher: inout Hasher) { hasher.combine(fingerprint64(bytes)) }
  }

  func write(to writer: inout ByteWriter) {
    writer.append(field: 1, string: name)
    writer.append(contentsOf: content.bytes)
  }
}

extension ByteWriter {
  /// A map field with string keys, in the order of their bytes.
  mutating func append<Value>(
    map number: Int, _ entries: some Sequence<(key: String, value: Value)>,
    _ body: (inout ByteWriter, Value) -> Void
  ) {
    for (key, value) in entries.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      append(field: number) { entry in
        entry.append(field: 1, string: key)
        entry.append(field: 2) { body(&$0, value) }
      }
    }
  }
}
