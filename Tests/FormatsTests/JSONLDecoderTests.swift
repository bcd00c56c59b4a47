import Columns
import Testing

@testable import Formats

@Suite struct JSONLDecoderTests {
  /// A value, a field type, and what it becomes: text as in ``DecodedJSONRows``, or a reason.
  struct Case: CustomTestStringConvertible {
    var type: DataType
    var unit = TimestampUnit.iso8601
    var value: String
    var row: String?
    var reason: String?
    var testDescription: String { "\(type) \(unit) \(value)" }

    static func good(
      _ type: DataType, _ value: String, _ row: String, _ unit: TimestampUnit = .iso8601
    ) -> Case {
      Case(type: type, unit: unit, value: value, row: row)
    }

    static func bad(
      _ type: DataType, _ value: String, _ reason: String, _ unit: TimestampUnit = .iso8601
    ) -> Case {
      Case(type: type, unit: unit, value: value, reason: reason)
    }
  }

  /// Decoded twice behind a plain line, so that both the predicted and the full path see it.
  private static func check(_ test: Case, options: JSONLDecoder.Options) {
    let schema = Schema([Field("v", test.type, timestampUnit: test.unit)])
    let line = "{\"k\":1,\"v\":\(test.value)}\n"
    let rows = DecodedJSONRows(
      JSONLDecoder(schema, options: options), "{\"k\":1,\"v\":null}\n" + line + line)
    if let row = test.row {
      #expect(rows.rows == [["-"], [row], [row]] && rows.bad.isEmpty, "\(rows)")
    } else {
      #expect(rows.bad.map(\.reason) == [test.reason, test.reason], "\(rows)")
    }
  }

  @Test(arguments: [
    Case.good(.float64, "0.1", "0.1"), .good(.float64, "-0.0", "-0.0"), .good(.float64, "0", "0.0"),
    .good(.float64, "-12.50", "-12.5"), .good(.float64, "1e-05", "1e-05"),
    .good(.float64, "123456789012345", "123456789012345.0"),
    .good(.float64, "0.30000000000000004", "0.30000000000000004"),
    .good(.float64, "9007199254740993", "9007199254740992.0"),
    .good(.float64, "1.7976931348623157e308", "1.7976931348623157e+308"),
    .good(.float64, "1e-400", "0.0"), .good(.float64, "2.5E+3", "2500.0"),
    .good(.float64, "NaN", "nan"), .good(.float64, "-Infinity", "-inf"),
    .good(.float64, "Infinity", "inf"), .good(.float64, "null", "-"),
    .good(.float32, "0.1", "\(Double(Float(0.1)))"),
    .bad(.float64, "1e400", "v: number out of range: 1e400"),
    .bad(.float32, "1e39", "v: number out of range: 1e39"),
    .bad(.float64, "\"1\"", "v: expected a number, found a string"),
    .bad(.float64, "true", "v: expected a number, found a bool"),
    .bad(.float64, "{}", "v: expected a number, found an object"),
    .good(.int64, "-0", "0"), .good(.int64, "3.0", "3"), .good(.int64, "1e3", "1000"),
    .good(.int64, "1200e-2", "12"), .good(.int64, "-9223372036854775808", "\(Int64.min)"),
    .good(.int64, "9223372036854775807", "\(Int64.max)"),
    .bad(.int64, "9223372036854775808", "v: number out of range: 9223372036854775808"),
    .bad(.int64, "1.5", "v: expected an integer, found 1.5"),
    .bad(.int64, "NaN", "v: expected an integer, found NaN"),
    .bad(.int64, "false", "v: expected an integer, found a bool"),
    .good(.bool, "true", "true"), .good(.bool, "false", "false"),
    .bad(.bool, "1", "v: expected a bool, found a number"),
    .good(
      .string, #""a\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00é""#, "\"a\"\\/\u{8}\u{c}\n\r\tAé😀é\""),
    .good(.string, "\"\"", "\"\""), .bad(.string, "3", "v: expected a string, found a number"),
    .good(.list(.int64), "[1, null ,3]", "[1,-,3]"), .good(.list(.string), "[]", "[]"),
    .good(.list(.list(.float64)), "[[1],[],[2.5,3]]", "[[1.0],[],[2.5,3.0]]"),
    .bad(.list(.string), "[\"a\",[\"b\"]]", "v[1]: expected a string, found a list"),
    .bad(.list(.int64), "1", "v: expected a list, found a number"),
  ])
  func `a value becomes what its field says, or a reason`(test: Case) {
    Self.check(test, options: .init())
  }

  @Test(arguments: [
    Case.good(.timestamp, "1700000040", "1700000040000000", .seconds),
    .good(.timestamp, "1700000040.1234567", "1700000040123456", .seconds),
    .good(.timestamp, "-0.0000001", "-1", .seconds),
    .good(.timestamp, "1700000040000", "1700000040000000", .milliseconds),
    .good(.timestamp, "-1", "-1000", .milliseconds), .good(.timestamp, "7", "7", .microseconds),
    .bad(.timestamp, "1e13", "v: number out of range: 1e13", .seconds),
    .bad(.timestamp, "\"7\"", "v: expected a number, found a string", .seconds),
    .good(.timestamp, "\"1970-01-01T00:00:00Z\"", "0"),
    .good(.timestamp, "\"2023-11-14T22:14:00.25+01:00\"", "\(1_699_996_440_250_000)"),
    .bad(.timestamp, "\"noon\"", "v: expected RFC 3339 text, found \"noon\""),
    .bad(.timestamp, "5", "v: expected RFC 3339 text, found a number"),
  ])
  func `a timestamp is read in its unit`(test: Case) {
    Self.check(test, options: .init())
  }

  @Test func `numbers that are not finite are refused when asked`() {
    var options = JSONLDecoder.Options()
    options.allowsNonFinite = false
    for (type, value) in [(DataType.float64, "NaN"), (.int64, "-Infinity")] {
      Self.check(.bad(type, value, "a number that is not finite at byte 11"), options: options)
    }
  }

  @Test(arguments: [
    ("{\"a\":1", "expected ',' or '}', found the end of the line at byte 6"),
    ("{\"a\":1}x", "expected the end of the line, found 'x' at byte 7"),
    ("[1]", "expected an object, found '[' at byte 0"),
    ("{a:1}", "expected a key, found 'a' at byte 1"),
    ("{\"a\" 1}", "expected ':' after a key, found '1' at byte 5"),
    ("{\"a\":01}", "a number begins with 0 at byte 5"),
    ("{\"a\":-}", "expected a digit, found '}' at byte 6"),
    ("{\"a\":1.}", "expected a digit, found '}' at byte 7"),
    ("{\"a\":1e}", "expected a digit, found '}' at byte 7"),
    ("{\"a\":+1}", "expected a value, found '+' at byte 5"),
    ("{\"b\":tru}", "expected a value, found 't' at byte 5"),
    ("{\"b\":[1,]}", "expected a value, found ']' at byte 8"),
    ("{\"b\":{\"c\":1,}}", "expected a key, found '}' at byte 12"),
    ("{\"b\":\"\\x\"}", "an unknown escape at byte 6"),
    ("{\"b\":\"\\ud800\"}", "a lone surrogate at byte 6"),
    ("{\"b\":\"\\udc00\"}", "a lone surrogate at byte 6"),
    ("{\"b\":\"\\u12g4\"}", "expected a hexadecimal digit, found 'g' at byte 10"),
    ("{\"b\":\"\t\"}", "a control character in a string at byte 6"),
    ("{\"b\":\"x", "expected the closing quote of a string, found the end of the line at byte 7"),
  ])
  func `bad syntax is named, also in what is skipped`(line: String, reason: String) {
    let schema = Schema([Field("a", .int64)])
    let text = "{\"a\":5}\r\n\(line)\r\n\n{\"a\":6}\n"
    let rows = DecodedJSONRows(JSONLDecoder(schema), text)
    #expect(rows.rows == [["5"], ["6"]])
    #expect(rows.bad == [BadRecord(range: 9..<9 + line.utf8.count, reason: reason)])
    #expect(rows.rowsBefore == [1])
  }

  @Test func `bytes that are not UTF-8 make a record bad on either path`() {
    let schema = Schema([Field("s", .string)])
    for bytes: [UInt8] in [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3],
    ] {
      for key in ["s", "t"] {
        let line = Array("{\"\(key)\":\"".utf8) + bytes + Array("\"}\n".utf8)
        let good = Array("{\"\(key)\":\"é\"}\n".utf8)
        let rows = DecodedJSONRows(JSONLDecoder(schema), good + good + line + good)
        #expect(rows.rows.count == 3)
        #expect(rows.bad.map(\.reason) == ["invalid UTF-8 at byte 6"])
      }
    }
  }

  @Test func `a file may begin with a byte order mark and end without a line end`() {
    let schema = Schema([Field("a", .int64)])
    let text = [0xEF, 0xBB, 0xBF] + Array("{\"a\":1}\n \t\r\n{\"a\":2}\r\n{\"a\":3}".utf8)
    #expect(DecodedJSONRows(JSONLDecoder(schema), text).rows == [["1"], ["2"], ["3"]])
    let inside = DecodedJSONRows(JSONLDecoder(schema), text, isFile: false)
    #expect(inside.rows == [["2"], ["3"]])
    #expect(inside.bad.map(\.reason) == ["expected an object, found byte 0xEF at byte 0"])
  }

  @Test func `a last record cut short is bad and says so, unless it is only of the wrong type`() {
    let schema = Schema([Field("a", .int64)])
    let cut = DecodedJSONRows(JSONLDecoder(schema), "{\"a\":1}\n{\"a\":2")
    #expect(cut.rows == [["1"]])
    #expect(
      cut.bad.map(\.reason) == [
        "expected ',' or '}', found the end of the line at byte 6 (the last line is cut short)"
      ])
    let wrong = DecodedJSONRows(JSONLDecoder(schema), "{\"a\":\"x\"}")
    #expect(wrong.bad.map(\.reason) == ["a: expected an integer, found a string"])
  }

  @Test func `the last of equal keys wins, whatever the others are`() {
    let schema = Schema([Field("a", .int64), Field("l", .list(.string))])
    let line = #"{"a":"x","l":["p","q"],"\u0061":2,"l":["r"]}"# + "\n"
    let rows = DecodedJSONRows(JSONLDecoder(schema), line + line + #"{"l":[],"a":7}"# + "\n" + line)
    #expect(rows.bad.isEmpty)
    #expect(rows.rows == [["2", "[\"r\"]"], ["2", "[\"r\"]"], ["7", "[]"], ["2", "[\"r\"]"]])
  }

  @Test func `128 open containers are read, 129 are not`() {
    let schema = Schema([Field("a", .int64)])
    func line(_ depth: Int) -> String {
      "{\"x\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        + ",\"a\":1}\n"
    }
    let rows = DecodedJSONRows(JSONLDecoder(schema), line(127) + line(127) + line(128) + line(128))
    #expect(rows.rows.count == 2)
    #expect(
      rows.bad.map(\.reason) == Array(repeating: "nested deeper than 128 at byte 132", count: 2))
  }

  @Test func `a string of 16 MiB is read, a longer one is not`() {
    let schema = Schema([Field("s", .string, encoding: .plain)])
    func line(_ length: Int) -> [UInt8] {
      Array("{\"s\":\"".utf8) + [UInt8](repeating: 0x78, count: length) + Array("\"}\n".utf8)
    }
    let buffer = PaddedBuffer(line(16 << 20) + line(16 << 20) + line(16 << 20 + 1))
    var decoder = JSONLDecoder(schema)
    let decoded = decoder.decode(buffer, from: 0, limit: 10)
    guard case .plain(let column) = decoded.batch.columns[0] else { return }
    #expect(column.offsets == [0, 16 << 20, 32 << 20])
    #expect(decoded.badRecords.map(\.reason) == ["a string longer than 16777216 bytes at byte 6"])
  }

  @Test func `two orders of keys and absent keys give the same rows as one at a time`() {
    let schema = Schema([Field("a", .int64), Field("b", .string), Field("c", .float64)])
    let lines = [
      #"{"a":1,"b":"x","c":0.5}"#, #"{"c":2.5,"a":2,"b":"y"}"#, #"{"a":3,"c":1}"#, #"{"a":4}"#,
      #"{ "a" : 5 , "b" : "z" , "c" : 3 }"#, #"{}"#, #"{"b":"w"}"#,
      #"{"a":6,"n":{"a":9},"b":"x","c":0.5}"#,
    ]
    var generator = SeededGenerator(state: 7)
    let order = (0..<400).map { _ in lines.randomElement(using: &generator) ?? "" }
    let whole = DecodedJSONRows(JSONLDecoder(schema), order.joined(separator: "\n"), limit: 64)
    let single = order.map { DecodedJSONRows(JSONLDecoder(schema), $0).rows[0] }
    #expect(whole.rows == single)
  }

  @Test func `framing cuts after the last line end`() {
    #expect(LineFraming().wholeRecordPrefix(of: PaddedBuffer("{}\n{}\n{".utf8)) == 6)
    #expect(LineFraming().wholeRecordPrefix(of: PaddedBuffer("{}".utf8)) == 0)
  }

  @Test func `a batch without fields counts its rows`() {
    let rows = DecodedJSONRows(JSONLDecoder(Schema([])), "{\"a\":1}\n{}\n{\"a\":2}\n")
    #expect(rows.rows == [[], [], []])
  }
}
