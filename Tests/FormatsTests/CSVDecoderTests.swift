import Columns
import Formats
import Testing

@Suite struct CSVDecoderTests {
  struct Case: CustomTestStringConvertible {
    var testDescription: String
    var text: String
    var rows: [[String]] = []
    var bad: [String] = []

    init(_ name: String, _ text: String, _ rows: [[String]] = [], bad: [String] = []) {
      testDescription = name
      self.text = text
      self.rows = rows
      self.bad = bad
    }
  }

  static let schema = Schema([
    Field("s", .string), Field("x", .float64), Field("n", .int64),
  ])

  @Test(arguments: [
    Case("plain", "s,x,n\nab,1.5,2\n", [["'ab'", "1.5", "2"]]),
    Case("no last line end", "s,x,n\nab,1.5,2", [["'ab'", "1.5", "2"]]),
    Case("CRLF", "s,x,n\r\nab,1.5,2\r\ncd,,\r\n", [["'ab'", "1.5", "2"], ["'cd'", "-", "-"]]),
    Case("no last line end after CR", "s,x,n\r\nab,1.5,2\r", [["'ab'", "1.5", "2"]]),
    Case("empty lines", "\n\r\ns,x,n\n\n\r\na,1,2\n\n", [["'a'", "1.0", "2"]]),
    Case("byte order mark", "\u{FEFF}s,x,n\na,1,2\n", [["'a'", "1.0", "2"]]),
    Case("other order, other columns", "z,n,\"x\",s\n9,2,1,a\n", [["'a'", "1.0", "2"]]),
    Case("missing column", "s,n\na,2\n", [["'a'", "-", "2"]]),
    Case("equal names", "s,s,x,n\na,b,1,2\n", [["'b'", "1.0", "2"]]),
    Case(
      "empty and quoted empty", "s,x,n\n,,\n\"\",1,2\n", [["-", "-", "-"], ["''", "1.0", "2"]]),
    Case(
      "quotes", "s,x,n\n\"a,\"\"b\"\"\r\nc\",\"1\",\"2\"\r\n", [["'a,\"b\"\r\nc'", "1.0", "2"]]),
    Case("spaces belong to strings", "s,x,n\n a , 1 ,\t2\n", [["' a '", "1.0", "2"]]),
    Case(
      "numbers", "s,x,n\n,+1.50e1,3.0\n,.5,1e3\n,5.,-0\n,-nan,+7\n,-Inf,007\n",
      [
        ["-", "15.0", "3"], ["-", "0.5", "1000"], ["-", "5.0", "0"], ["-", "nan", "7"],
        ["-", "-inf", "7"],
      ]),
    Case("UTF-8", "s,x,n\nnaïve 日本,1,2\n", [["'naïve 日本'", "1.0", "2"]]),
    Case("only a header", "s,x,n\n"),
    Case("nothing", ""),
    Case(
      "types", "s,x,n\na,b,1\na,1,1.5\na,,9223372036854775808\na,1e400,1\na,\"\",1\n",
      bad: [
        "0: a,b,1: x: expected a number, found b",
        "0: a,1,1.5: n: expected an integer, found 1.5",
        "0: a,,9223372036854775808: n: number out of range: 9223372036854775808",
        "0: a,1e400,1: x: number out of range: 1e400",
        "0: a,\"\",1: x: expected a number, found empty text",
      ]),
    Case(
      "bad rows between good ones", "s,x,n\na,1,1\nb,2\nc,3,3,3\nd,4,4\n",
      [["'a'", "1.0", "1"], ["'d'", "4.0", "4"]],
      bad: ["1: b,2: expected 3 fields, found 2", "1: c,3,3,3: expected 3 fields, found 4"]),
    Case(
      "stray quotes", "s,x,n\na\"b\",1,2\n\"a\"b,1,2\nc,1,2\n", [["'c'", "1.0", "2"]],
      bad: [
        "0: a\"b\",1,2: a quote inside a field without quotes",
        "0: \"a\"b,1,2: text after the closing quote of a field",
      ]),
    Case(
      "open quote", "s,x,n\na,1,2\n\"b,1,2\nc,1,2\n", [["'a'", "1.0", "2"]],
      bad: ["1: \"b,1,2\nc,1,2: a quoted field is not closed (the last record is cut short)"]),
    Case(
      "cut short", "s,x,n\na,1,2\nb,1", [["'a'", "1.0", "2"]],
      bad: ["1: b,1: expected 3 fields, found 2 (the last record is cut short)"]),
    Case(
      "header that cannot be read", "s,\"x\"y,n\na,1,2\n",
      bad: ["0: a,1,2: the header cannot be read: text after the closing quote of a field"]),
  ])
  func `records are those of RFC 4180`(example: Case) {
    for chunk in [1, 2, 3, 7, 1000] {
      var decoder = CSVDecoder(Self.schema)
      let decoded = DecodedRows(
        &decoder, Array(example.text.utf8), framing: CSVFraming(), chunk: chunk, limit: 1 + chunk)
      #expect(decoded.rows == example.rows, "chunks of \(chunk)")
      #expect(decoded.bad == example.bad, "chunks of \(chunk)")
    }
  }

  @Test func `invalid UTF-8 makes its record bad`() {
    var decoder = CSVDecoder(Self.schema)
    let bytes = Array("s,x,n\na,1,2\nb".utf8) + [0xFF] + Array(",1,2\nc,1,2\n".utf8)
    let decoded = DecodedRows(&decoder, bytes)
    #expect(decoded.rows.map { $0[0] } == ["'a'", "'c'"])
    #expect(decoded.bad == ["1: b\u{FFFD},1,2: invalid UTF-8 at byte 1"])
  }

  @Test func `bools, timestamps and lists follow the rules of JSON`() {
    let schema = Schema([
      Field("b", .bool), Field("t", .timestamp),
      Field("ms", .timestamp, timestampUnit: .milliseconds),
      Field("l", .list(.int64)), Field("w", .list(.string), encoding: .plain),
    ])
    var decoder = CSVDecoder(schema)
    let text = """
      b,t,ms,l,w
      true,1970-01-01T00:00:01.5Z,1.5,1;2,a;;b
      False,1970-01-02,-1,"","x""y;z"
      ,,,,
      1,,,,
      ,tomorrow,,,
      ,,,1;;2,
      """
    let decoded = DecodedRows(&decoder, Array(text.utf8))
    #expect(
      decoded.rows == [
        ["true", "1500000", "1500", "[1 2]", "['a' '' 'b']"],
        ["false", "86400000000", "-1000", "[]", "['x\"y' 'z']"],
        ["-", "-", "-", "-", "-"],
      ])
    #expect(
      decoded.bad == [
        "3: 1,,,,: b: expected a bool, found 1",
        "3: ,tomorrow,,,: t: expected RFC 3339 text, found tomorrow",
        "3: ,,,1;;2,: l[1]: expected an integer, found empty text",
      ])
  }

  @Test func `random fields come back whatever the chunks and quotes`() {
    var random = SeededRandom(seed: 20_260_901)
    let pieces = ["a", ",", "\"", "\n", "\r\n", "é", ";", " ", "long text without end ", "\r"]
    let schema = Schema(["c", "a", "b"].map { Field($0, .string, encoding: .plain) })
    for _ in 0..<200 {
      var text = "a,b,c\n"
      var expected: [[String]] = []
      for _ in 0..<Int.random(in: 0..<20, using: &random) {
        let row = (0..<3).map { _ in
          (0..<Int.random(in: 0..<5, using: &random))
            .map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        }
        expected.append([row[2], row[0], row[1]].map { "'\($0)'" })
        // Quoted always: an empty field would be absent, an empty line no record.
        text += row.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
        text += Bool.random(using: &random) ? "\n" : "\r\n"
      }
      var decoder = CSVDecoder(schema)
      let decoded = DecodedRows(
        &decoder, Array(text.utf8), framing: CSVFraming(),
        chunk: Int.random(in: 1..<60, using: &random), limit: Int.random(in: 1..<9, using: &random))
      #expect(decoded.rows == expected)
      #expect(decoded.bad.isEmpty)
    }
  }

  @Test func `bytes of any kind give the same records for any chunks`() {
    var random = SeededRandom(seed: 4180)
    let alphabet = Array(",,\"\"\n\n\r1a".utf8) + [0xC3, 0xA9]
    for _ in 0..<500 {
      let body = (0..<Int.random(in: 0..<80, using: &random)).map { _ in
        alphabet.randomElement(using: &random) ?? 0
      }
      let bytes = Array("s,x,n\n".utf8) + body
      var decoder = CSVDecoder(Self.schema)
      let whole = DecodedRows(&decoder, bytes)
      for chunk in [1, 5, 16] {
        var decoder = CSVDecoder(Self.schema)
        let cut = DecodedRows(&decoder, bytes, framing: CSVFraming(), chunk: chunk, limit: 3)
        #expect(cut == whole, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
      }
    }
  }

  @Test func `a decoder that starts in the middle takes the header from the head`() {
    var decoder = CSVDecoder(Self.schema)
    decoder.resumeFile(head: PaddedBuffer("n,x,s\n1,1,a\n".utf8))
    let batch = decoder.decode(PaddedBuffer("5,2.5,z\n".utf8), from: 0, limit: 10).batch
    #expect(batch.columns.map { DecodedRows.text($0, 0) } == ["'z'", "2.5", "5"])
    #expect(decoder.missingColumns == [])
    decoder.resumeFile(head: PaddedBuffer("n,s\n".utf8))
    #expect(decoder.missingColumns == ["x"])
  }

  @Test func `the rides decode as their JSON lines do`() throws {
    var csv = CSVDecoder(rides)
    var json = JSONLDecoder(rides)
    let decoded = DecodedRows(
      &csv, try fixture("rides/rows200.csv"), framing: CSVFraming(), chunk: 4096, limit: 64)
    var expected = DecodedRows(&json, try fixture("rides/rows200.jsonl"))
    let comment = try #require(rides.position(of: "comment"))
    for row in expected.rows.indices where expected.rows[row][comment] == "''" {
      expected.rows[row][comment] = "-"
    }
    #expect(decoded.rows.count == 200)
    #expect(decoded == expected)
  }
}
