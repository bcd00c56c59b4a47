import Formats
import Testing

@Suite struct JSONWriterTests {
  @Test func `commas and keys are placed by the writer`() {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("a")
    writer.value([1, 0.5])
    writer.key("b")
    writer.beginObject()
    writer.endObject()
    writer.key("c")
    writer.beginArray()
    writer.null()
    writer.value(true)
    writer.value(["x", "y"])
    writer.endArray()
    writer.endObject()
    writer.newline()
    writer.value(Int64.min)
    #expect(
      writer.text == #"{"a":[1.0,0.5],"b":{},"c":[null,true,["x","y"]]}"# + "\n-9223372036854775808"
    )
  }

  @Test func `indented text has a line a member and none for what is empty`() {
    var writer = JSONWriter(style: .indented)
    writer.value(
      .object(["a": .array([.integer(1), .array([])]), "b": .object(JSONObject()), "c": .null]))
    #expect(
      writer.text == """
        {
          "a": [
            1,
            []
          ],
          "b": {},
          "c": null
        }
        """)
  }

  @Test func `every scalar below U+0100 and some beyond read back`() throws {
    let scalars =
      (0..<0x100).map { UInt32($0) } + [0x2028, 0xD7FF, 0xE000, 0xFFFD, 0x1F600, 0x10FFFF]
    for scalar in scalars.compactMap(Unicode.Scalar.init) {
      var writer = JSONWriter()
      let text = "x\(Character(scalar))y"
      writer.value(text)
      #expect(try JSONValue(parsing: writer.bytes) == .string(text), "U+\(scalar.value)")
    }
  }

  @Test(arguments: [
    0.1, 1, -0.0, .leastNonzeroMagnitude, 1.7976931348623157e308, 1e16, 123_456_789.125, 1e-7, .pi,
    2 / 3,
  ])
  func `a double reads back as the same bits`(value: Double) throws {
    var writer = JSONWriter()
    writer.value(value)
    guard case .number(let read) = try JSONValue(parsing: writer.bytes) else {
      Issue.record("\(writer.text) is no number")
      return
    }
    #expect(read.bitPattern == value.bitPattern)
  }

  @Test func `what JSON cannot hold is a string that reads back as the number`() throws {
    var writer = JSONWriter()
    writer.value([.nan, .infinity, -.infinity])
    #expect(writer.text == #"["NaN","Infinity","-Infinity"]"#)
    let read = try JSONValue(parsing: writer.bytes).array?.compactMap(\.number) ?? []
    #expect(read.count == 3 && read[0].isNaN && read[1] == .infinity && read[2] == -.infinity)
  }
}
