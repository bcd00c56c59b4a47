import Columns
import Expressions

/// One row of a column, for expectations.
enum Value: Equatable, Sendable, CustomStringConvertible {
  case missing, bool(Bool), int(Int64), float(Double), text(String), list([Value])

  /// NaN equals NaN, −0 differs from 0.
  static func == (one: Value, two: Value) -> Bool {
    switch (one, two) {
    case (.missing, .missing): true
    case (.bool(let one), .bool(let two)): one == two
    case (.int(let one), .int(let two)): one == two
    case (.float(let one), .float(let two)):
      one.isNaN && two.isNaN || one.bitPattern == two.bitPattern
    case (.text(let one), .text(let two)): one.utf8.elementsEqual(two.utf8)
    case (.list(let one), .list(let two)): one == two
    default: false
    }
  }

  var description: String {
    switch self {
    case .missing: "missing"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    case .text(let value): "'\(value)'"
    case .list(let values): "\(values)"
    }
  }
}

extension Value: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByNilLiteral
{
  init(floatLiteral value: Double) { self = .float(value) }
  init(integerLiteral value: Int64) { self = .int(value) }
  init(stringLiteral value: String) { self = .text(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(arrayLiteral values: Value...) { self = .list(values) }
  init(nilLiteral: ()) { self = .missing }
}

extension Column {
  /// The rows, one by one.
  var rows: [Value] { (0..<rowCount).map { validity.isPresent($0) ? self[row: $0] : .missing } }

  private subscript(row row: Int) -> Value {
    switch self {
    case .bool(let column): return .bool(column.values[row])
    case .int64(let column): return .int(column.values[row])
    case .float64(let column): return .float(column.values[row])
    case .string(let column): return .text(column.dictionary.string(column.ids[row]))
    case .plain(let column):
      let bytes = column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])]
      return .text(String(decoding: bytes, as: UTF8.self))
    case .list(let column):
      let elements = column.elements.rows
      return .list(Array(elements[Int(column.offsets[row])..<Int(column.offsets[row + 1])]))
    }
  }

  static func plain(_ values: [String?]) -> Column {
    var bytes: [UInt8] = []
    var offsets: [UInt32] = [0]
    for value in values {
      bytes += Array((value ?? "").utf8)
      offsets.append(UInt32(bytes.count))
    }
    return .plain(
      PlainStringColumn(
        bytes: bytes, offsets: offsets, validity: Validity(values.map { $0 != nil })))
  }

  static func bools(_ values: [Bool?]) -> Column {
    .bool(BoolColumn(values.map { $0 ?? false }, validity: Validity(values.map { $0 != nil })))
  }
}

/// A batch of six rows with every type and the awkward values of each.
enum Sample {
  static let schema = Schema([
    Field("x", .float64), Field("y", .float64), Field("i", .int64), Field("j", .int64),
    Field("b", .bool), Field("c", .bool), Field("s", .string), Field("p", .string),
    Field("t", .timestamp), Field("words", .list(.string)), Field("numbers", .list(.float64)),
  ])

  static let batch = RecordBatch(
    schema: schema, rowCount: 6,
    columns: [
      .float64(Float64Column([1.5, -2, .nan, nil, .infinity, -0.0])),
      .float64(Float64Column([2, nil, 1, 3, 1, 0])),
      .int64(Int64Column([7, -7, 0, nil, .max, .min])),
      .int64(Int64Column([2, 2, 0, 1, 1, -1])),
      .bools([true, false, true, nil, false, nil]),
      .bools([true, true, nil, nil, nil, false]),
      .string(StringColumn(["Ab c", "", " x\t", nil, "É", "10"])),
      .plain(["Ab c", "", " x\t", nil, "É", "10"]),
      .int64(Int64Column([0, -1, 1_788_256_800_000_000, nil, 86_400_000_000, 3_600_000_000])),
      .list(
        ListColumn(
          elements: .string(StringColumn(["a", "b", nil, "a"])), offsets: [0, 2, 2, 3, 3, 4, 4],
          validity: Validity([true, true, true, false, true, true]))),
      .list(
        ListColumn(
          elements: .float64(Float64Column([1, .nan, nil, -1])), offsets: [0, 2, 2, 3, 3, 4, 4],
          validity: Validity([true, true, true, false, true, true]))),
    ])

  /// The values of `formula` for the six rows.
  static func rows(_ formula: String) throws -> [Value] {
    let program = try RowProgram([Expression(formula: formula)], schema: schema)
    return program.makeEvaluator().evaluate(batch)[0].rows
  }
}
