import Columns
import TensorPrograms

/// `schema.pbtxt`, as TensorFlow Metadata writes it: what a transformed or a raw feature is.
struct SchemaText {
  private(set) var text = ""

  /// What a `tf.Example` of raw features holds: every one may be absent.
  init(raw program: TensorProgram) {
    for feature in program.features.sorted(by: { Self.precedes($0.field.name, $1.field.name) }) {
      let type: TFType = Convention.sparse.type(feature)
      append(feature.field.name, type, shape: nil, domain: nil)
    }
  }

  /// What a transformed `tf.Example` holds.
  init(transformed program: TensorProgram) {
    for output in program.outputs.sorted(by: { Self.precedes($0.name, $1.name) }) {
      let shape: [Int]? =
        switch output.layout {
        case .row: output.isPresent == nil ? [] : nil
        case .fixed(let length): [length]
        case .list: nil
        }
      append(output.name, output.servedType, shape: shape, domain: output.domain)
    }
  }

  private static func precedes(_ one: String, _ two: String) -> Bool {
    one.utf8.lexicographicallyPrecedes(two.utf8)
  }

  /// A feature with a shape is always there; without one it has any number of values.
  private mutating func append(
    _ name: String, _ type: TFType, shape: [Int]?, domain: ClosedRange<Int64>?
  ) {
    let word =
      switch type {
      case .float, .double: "FLOAT"
      case .string: "BYTES"
      default: "INT"
      }
    text += "feature {\n  name: \"\(Self.escaped(name))\"\n  type: \(word)\n"
    if let domain {
      text +=
        "  int_domain {\n    min: \(domain.lowerBound)\n    max: \(domain.upperBound)\n"
        + "    is_categorical: true\n  }\n"
    }
    if let shape {
      text += "  presence {\n    min_fraction: 1.0\n  }\n  shape {\n"
      for size in shape { text += "    dim {\n      size: \(size)\n    }\n" }
      text += "  }\n"
    }
    text += "}\n"
  }

  /// As protobuf's text format writes bytes: others than printable ASCII in octal.
  private static func escaped(_ name: String) -> String {
    var text = ""
    for byte in name.utf8 {
      switch byte {
      case 0x22, 0x5C: text += "\\" + String(UnicodeScalar(byte))
      case 0x20..<0x7F: text += String(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 8)
        text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return text
  }
}
