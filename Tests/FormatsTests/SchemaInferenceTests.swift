import Columns
import Formats
import Testing

@Suite struct SchemaInferenceTests {
  private func types(_ inference: SchemaInference) -> [String] {
    inference.schema.fields.map { "\($0.name): \($0.type)" }
  }

  @Test func `JSON fields get the narrowest type of all their values, in order of appearance`() {
    var inference = SchemaInference()
    let lines = """
      {"event_time":1700000040000,"at":"2023-11-14T22:14:00Z","day":"2023-11-14","n":null,"l":[]}
      {"event_time":1700000040003,"x":1,"y":true,"l":[1,null],"at":null}

      {"x":0.5,"mixed":1,"late":"2023-11-14T22:14:00Z","o":{"a":1},"ll":[["a"]],"l":[0.5]}
      {"mixed":"a","late":"never","lo":[{"a":1}]}
      not a record
      """
    inference.observe(jsonLines: Array(lines.utf8))
    #expect(
      types(inference) == [
        "event_time: int", "at: timestamp", "day: string", "n: string", "l: list<float>",
        "x: float", "y: bool", "mixed: string", "late: string", "ll: list<list<string>>",
      ])
    #expect(inference.conflicts == ["mixed"])
    #expect(inference.objects == ["o", "lo"])
    #expect(inference.badRecordCount == 1)
  }

  @Test func `rows of text are read as numbers, bools and times where all are`() {
    var inference = SchemaInference()
    let header = ["i", "f", "b", "s", "t", "e", "id"]
    inference.observe(
      header: header, row: ["1", "2", "true", "1", "2023-11-14 22:14:00", "", "1e400"])
    inference.observe(header: header, row: ["-7", "2.5", "", "x", "2023-11-14T22:14Z", "", "12-3"])
    inference.observe(header: header, row: ["too few"])
    #expect(
      types(inference) == [
        "i: int", "f: float", "b: bool", "s: string", "t: timestamp", "e: string", "id: string",
      ])
    #expect(inference.badRecordCount == 1 && inference.conflicts.isEmpty)
  }
}
