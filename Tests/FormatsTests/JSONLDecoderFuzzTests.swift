import Columns
import Testing

@testable import Formats

/// Random records, some of them damaged, for schemas drawn at random.
private struct RecordFuzzer {
  static let names = [
    "a", "event_time", "a_rather_long_field_name_of_40_characters", "é", "q\"", "z",
  ]
  static let types: [Field] = [
    Field("", .int64), Field("", .float64), Field("", .float32), Field("", .bool),
    Field("", .string), Field("", .string, encoding: .plain),
    Field("", .timestamp, timestampUnit: .seconds),
    Field("", .timestamp, timestampUnit: .milliseconds), Field("", .timestamp),
    Field("", .list(.int64)), Field("", .list(.string)), Field("", .list(.list(.float64))),
  ]

  var generator: SeededGenerator

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  mutating func schema() -> Schema {
    Schema(
      Self.names.filter { _ in below(2) == 0 }.map { name in
        var field = pick(Self.types)
        field.name = name
        return field
      })
  }

  mutating func number() -> String {
    switch below(12) {
    case 0: return pick(["0", "-0", "0.0", "-0.5", "1e5", "2E-3", "1e400", "NaN", "-Infinity"])
    case 1: return pick(["01", "1.", ".5", "-", "+1", "1e", "--1", "1-2", "1.2.3", "0x1", "1/2"])
    case 2: return "\(Int64(bitPattern: generator.next()))"
    case 3: return "\(Double.random(in: -1...1, using: &generator))"
    case 4: return "170000004\(below(10000))"
    case 6: return "\(generator.next() >> 20).\(generator.next() >> UInt64(below(60)))"
    case 5: return "\(below(100)).000\(below(1_000_000_000))"
    default: return "\(below(2) == 0 ? "" : "-")\(below(1000)).\(below(1000))"
    }
  }

  mutating func string() -> String {
    switch below(8) {
    case 0: return pick([#""\u00e9""#, #""\ud83d\ude00""#, #""\ud83d""#, #""\n\"\\""#, #""\q""#])
    case 1: return "\"é\(below(100))ü\""
    case 2: return pick(["\"2023-11-14T22:14:00Z\"", "\"2023-11-14\"", "\"2023-11-14T25:00Z\""])
    case 3: return "\"" + String(repeating: "x", count: below(70)) + pick(["", "é", "\\t"]) + "\""
    default: return "\"v\(below(1000))\""
    }
  }

  mutating func value(_ depth: Int = 0) -> String {
    switch below(depth > 2 ? 10 : 13) {
    case 0...4: return number()
    case 5...7: return string()
    case 8: return pick(["true", "false"])
    case 9: return "null"
    case 10, 11:
      return "["
        + (0..<below(4)).map { _ in value(depth + 1) }.joined(separator: pick([",", ", "])) + "]"
    default: return "{\"k\":\(value(depth + 1)),\"é\":\(value(depth + 1))}"
    }
  }

  /// A value that mostly suits `field`.
  mutating func value(of field: Field?) -> String {
    guard let field, below(12) != 0 else { return value() }
    switch field.type {
    case .bool: return pick(["true", "false", "null"])
    case .string: return string()
    case .timestamp: return field.timestampUnit == .iso8601 ? "\"2023-11-14T22:14:00Z\"" : number()
    case .list(let element):
      return "["
        + (0..<below(4)).map { _ in value(of: Field("", element)) }.joined(separator: ",") + "]"
    case .int64: return "\(below(100_000))"
    default: return number()
    }
  }

  mutating func line(_ schema: Schema, _ keys: [String]) -> [UInt8] {
    var keys = keys.filter { _ in below(8) != 0 }
    if below(20) == 0 { keys.shuffle(using: &generator) }
    if below(20) == 0, let key = keys.first { keys.append(key) }
    let space = below(30) == 0 ? " " : ""
    let members = keys.map { key in
      let name = key == "q\"" ? "q\\\"" : key == "a" && below(20) == 0 ? "\\u0061" : key
      return "\"\(name)\":\(space)\(value(of: schema.field(named: key)))"
    }
    var bytes = Array(("{" + members.joined(separator: space + ",") + space + "}").utf8)
    if below(6) == 0 { mutate(&bytes) }
    return bytes + (below(20) == 0 ? [0x0D, 0x0A] : [0x0A])
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    let at = below(bytes.count)
    switch below(4) {
    case 0: bytes.remove(at: at)
    case 1: bytes.insert(bytes[at], at: at)
    case 2: bytes[at] = UInt8(below(256))
    default: bytes[at] = pick(Array("{}[]\",:\\ 0-.eE\t".utf8))
    }
  }
}

/// Records that mostly have all keys in one order and plain values, of lengths that differ much.
private enum EvenRecords {
  static func schema(withLists: Bool) -> Schema {
    var fields: [Field] = [
      Field("time", .timestamp, timestampUnit: .milliseconds), Field("name", .string),
      Field("text", .string, encoding: .plain), Field("price", .float64), Field("count", .int64),
      Field("flag", .bool), Field("absent", .float64),
    ]
    if withLists { fields.append(Field("list", .list(.int64))) }
    return Schema(fields)
  }

  /// One in `oddity` records has something odd; none for 0.
  static func line(_ fuzzer: inout RecordFuzzer, oddity: Int) -> [UInt8] {
    let isOdd = oddity > 0 && fuzzer.below(oddity) == 0
    let oddKey = isOdd ? fuzzer.below(9) : -1
    var members: [String] = []
    for (index, key) in ["time", "id", "name", "text", "price", "skipped", "count", "flag", "list"]
      .enumerated()
    {
      var value = plainValue(of: key, &fuzzer)
      if index == oddKey {
        switch fuzzer.below(4) {
        case 0: continue
        case 1: value = "null"
        case 2: value = fuzzer.value()
        default:
          value = fuzzer.pick(["1e-05", "-2.5E3", "12345678901234567", "\"é\"", "01", "\"\\n\""])
        }
      }
      members.append("\"\(key)\":\(value)")
    }
    return Array(("{" + members.joined(separator: ",") + "}\n").utf8)
  }

  private static func plainValue(of key: String, _ fuzzer: inout RecordFuzzer) -> String {
    switch key {
    case "time": "1700000\(fuzzer.below(900_000) + 100_000)"
    case "id": "\(fuzzer.below(1 << fuzzer.below(40)))"
    case "name": "\"name-\(fuzzer.below(50))\""
    case "text":
      "\"" + String(repeating: "word ", count: fuzzer.below(fuzzer.pick([2, 8, 60]))) + "\""
    case "price", "skipped": "\(fuzzer.below(1000)).\(fuzzer.below(10))\(fuzzer.below(100))"
    case "count": "\(fuzzer.pick(["", "-"]))\(fuzzer.below(100_000))"
    case "flag": fuzzer.pick(["true", "false"])
    default: "[\(fuzzer.below(9)),\(fuzzer.below(9))]"
    }
  }
}

@Suite struct JSONLDecoderFuzzTests {
  @Test(arguments: 0..<80)
  func `both paths give the same rows and the same reasons`(seed: Int) {
    var fuzzer = RecordFuzzer(generator: SeededGenerator(state: UInt64(seed)))
    let schema = fuzzer.schema()
    let keys = RecordFuzzer.names + ["other"]
    var text = (0..<150).flatMap { _ in fuzzer.line(schema, keys) }
    if seed % 3 == 0 { text.removeLast(1 + fuzzer.below(20)) }
    var options = JSONLDecoder.Options()
    options.allowsNonFinite = seed % 5 != 0
    let limit = fuzzer.pick([1, 7, 64, 1000])
    let predicted = DecodedJSONRows(JSONLDecoder(schema, options: options), text, limit: limit)
    options.predictsKeyOrder = false
    let full = DecodedJSONRows(JSONLDecoder(schema, options: options), text)
    #expect(predicted == full, "seed \(seed)")
    #expect(full.rows.count > 5 && full.bad.count > 5, "seed \(seed) tests too little")
  }

  @Test(arguments: 0..<60)
  func `rows decoded side by side are those decoded one by one`(seed: Int) {
    var fuzzer = RecordFuzzer(generator: SeededGenerator(state: UInt64(5000 + seed)))
    let schema = EvenRecords.schema(withLists: seed % 10 == 0)
    // From no odd row to one in two.
    let oddity = [0, 200, 50, 20, 6, 2][seed % 6]
    var text = (0..<700).flatMap { _ in EvenRecords.line(&fuzzer, oddity: oddity) }
    if seed % 4 == 0 { text.removeLast(1 + fuzzer.below(20)) }
    var options = JSONLDecoder.Options()
    let limit = fuzzer.pick([9, 64, 300, 2048])
    let predicted = DecodedJSONRows(JSONLDecoder(schema, options: options), text, limit: limit)
    options.predictsKeyOrder = false
    let full = DecodedJSONRows(JSONLDecoder(schema, options: options), text)
    #expect(predicted == full, "seed \(seed)")
  }

  @Test func `records of thousands of keys come out the same on both paths`() throws {
    var random = SeededGenerator(state: 7)
    let names = (0..<4500).map { "c\($0)" }
    let text = (0..<30).flatMap { _ in
      let members = names.filter { _ in Int.random(in: 0..<500, using: &random) > 0 }
      return Array(
        ("{"
          + members.map { "\"\($0)\":\(Int.random(in: -999...999, using: &random))" }
          .joined(separator: ",") + "}\n").utf8)
    }
    let schema = Schema(names.map { Field($0, .float64) })
    var options = JSONLDecoder.Options()
    let predicted = DecodedJSONRows(JSONLDecoder(schema, options: options), text)
    options.predictsKeyOrder = false
    #expect(predicted == DecodedJSONRows(JSONLDecoder(schema, options: options), text))
    #expect(predicted.rows.count == 30)
  }

  @Test(arguments: 0..<15)
  func `the decoder accepts what the tree parser accepts and reads the same`(seed: Int) {
    var fuzzer = RecordFuzzer(generator: SeededGenerator(state: UInt64(1000 + seed)))
    // Nothing is projected, so only syntax decides; then one field that takes any text or number.
    for _ in 0..<150 {
      var line = fuzzer.line(Schema([]), RecordFuzzer.names)
      while let last = line.last, last == 0x0A || last == 0x0D { line.removeLast() }
      guard !line.contains(0x0A) else { continue }
      var options = JSONLDecoder.Options()
      options.allowsNonFinite = false
      let text = line + [0x0A] + line + [0x0A]
      let rows = DecodedJSONRows(JSONLDecoder(Schema([]), options: options), text)
      var tree: JSONValue?
      do throws(JSONError) {
        tree = try JSONValue(parsing: line)
      } catch {
        // The decoder does not look at the range of what it skips.
        if error.reason == "number out of range" { continue }
      }
      let isRecord = tree?.object != nil && line.first != 0xEF
      #expect(
        rows.rows.count == (isRecord ? 2 : 0),
        "seed \(seed): \(String(decoding: line, as: UTF8.self))")
      guard let tree, isRecord else { continue }
      for (name, value) in (tree.object?.members ?? []).map({ ($0.key, $0.value) }) {
        Self.compare(name, value, text)
      }
    }
  }

  private static func compare(_ name: String, _ value: JSONValue, _ text: [UInt8]) {
    let (type, expected): (DataType, String) =
      switch value {
      case .null: (.int64, "-")
      case .bool(let value): (.bool, "\(value)")
      case .integer(let value): (.int64, "\(value)")
      case .number(let value):
        (.float64, value == 0 && value.sign == .minus ? "-0.0" : "\(value)")
      case .string(let value): (.string, "\"\(value)\"")
      case .array, .object: (.bool, "")
      }
    if expected.isEmpty { return }
    let rows = DecodedJSONRows(JSONLDecoder(Schema([Field(name, type)])), text)
    #expect(
      rows.rows == [[expected], [expected]], "\(name) in \(String(decoding: text, as: UTF8.self))")
  }
}
