import Formats
import Testing

@Suite struct JSONValueTests {
  @Test func `a tree written in either style is read back, in the order of its members`() throws {
    let tree: JSONValue = .object([
      "z": .array([.integer(-1), .number(0.5), .bool(false), .null, .string("é\"\\\u{1}")]),
      "a": .object(["k": .array([]), "": .object(JSONObject())]),
    ])
    for style in [JSONWriter.Style.compact, .indented] {
      var writer = JSONWriter(style: style)
      writer.value(tree)
      #expect(try JSONValue(parsing: writer.bytes) == tree)
    }
    #expect(tree.object?.keys == ["z", "a"])
    #expect(tree["z"]?[1]?.number == 0.5)
    #expect(tree["z"]?[9] == nil)
  }

  @Test func `the last of equal keys wins and keeps the first place`() throws {
    let value = try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#)
    #expect(value == .object(["a": .integer(3), "b": .integer(2)]))
  }

  struct Failure: CustomTestStringConvertible {
    var text: String, reason: String
    var testDescription: String { text }
  }

  @Test(arguments: [
    Failure(text: "", reason: "line 1, column 1: expected a value, found the end"),
    Failure(text: "[1,\n 2", reason: "line 2, column 3: expected ',' or ']', found the end"),
    Failure(text: "{\"a\" 1}", reason: "line 1, column 6: expected ':' after a key, found '1'"),
    Failure(text: "{\"a\":1,}", reason: "line 1, column 8: expected a key, found '}'"),
    Failure(text: "[1,]", reason: "line 1, column 4: expected a value, found ']'"),
    Failure(text: "01", reason: "line 1, column 3: a number begins with 0"),
    Failure(text: "1.", reason: "line 1, column 3: expected a digit, found the end"),
    Failure(text: "1e400", reason: "line 1, column 6: number out of range"),
    Failure(text: "\"\\ud800x\"", reason: "line 1, column 8: a lone surrogate"),
    Failure(text: "\"a\u{1}\"", reason: "line 1, column 3: a control character in a string"),
    Failure(text: "nul", reason: "line 1, column 1: expected a value, found 'n'"),
    Failure(text: "1 2", reason: "line 1, column 3: expected the end, found '2'"),
  ])
  func `what is wrong is said with its place`(failure: Failure) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: failure.text) }
    do throws(JSONError) {
      _ = try JSONValue(parsing: failure.text)
    } catch {
      #expect(error.description == failure.reason)
    }
  }

  @Test func `128 levels are read, 129 are not`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONValue(parsing: nested(128))
    #expect(throws: JSONError.self) { try JSONValue(parsing: nested(129)) }
  }

  @Test func `invalid UTF-8 is an error`() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xC0, 0x80, 0x22]) }
  }
}
