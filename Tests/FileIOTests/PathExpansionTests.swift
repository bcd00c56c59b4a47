import FileIO
import FileIOTesting
import Testing

@Suite struct PathExpansionTests {
  struct Case: CustomTestStringConvertible {
    var patterns: [String]
    var files: [String]
    var testDescription: String { patterns.joined(separator: " ") }

    init(_ patterns: String..., files: [String]) {
      self.patterns = patterns
      self.files = files
    }
  }

  private static func tree() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for name in [
      "b.jsonl", "a.jsonl", "a10.jsonl", "a2.jsonl", ".hidden.jsonl", "x.csv", "we[ird]*.txt",
      "day/1.jsonl", "day/2.jsonl", "day/deep/3.jsonl", "day/.cache/4.jsonl", "é.txt", "ä/5.jsonl",
    ] {
      try directory.write(name)
    }
    return directory
  }

  @Test(arguments: [
    Case("a.jsonl", files: ["a.jsonl"]),
    Case("*.jsonl", files: ["a.jsonl", "a10.jsonl", "a2.jsonl", "b.jsonl"]),
    Case("a?.jsonl", files: ["a2.jsonl"]),
    Case("a[0-9]*.jsonl", files: ["a10.jsonl", "a2.jsonl"]),
    Case("[!a].jsonl", files: ["b.jsonl"]),
    Case("[ab].jsonl", "*.csv", "a.jsonl", files: ["a.jsonl", "b.jsonl", "x.csv"]),
    Case(".*.jsonl", files: [".hidden.jsonl"]),
    Case("day", files: ["day/1.jsonl", "day/2.jsonl"]),
    Case("d*", files: ["day/1.jsonl", "day/2.jsonl"]),
    Case("day/*/3*", files: ["day/deep/3.jsonl"]),
    Case("day/**", files: ["day/1.jsonl", "day/2.jsonl", "day/deep/3.jsonl"]),
    Case("**/[1-5].jsonl", files: ["day/1.jsonl", "day/2.jsonl", "day/deep/3.jsonl", "ä/5.jsonl"]),
    Case("**/deep/*", files: ["day/deep/3.jsonl"]),
    Case("we[ird]*.txt", files: ["we[ird]*.txt"]),
    Case("we\\[*", files: ["we[ird]*.txt"]),
    Case("?.txt", files: ["é.txt"]),
    Case("day/../a.jsonl", files: ["day/../a.jsonl"]),
  ])
  func `patterns mean their files, sorted by bytes`(example: Case) throws {
    let tree = try Self.tree()
    let found = try PathExpansion.files(matching: example.patterns.map { tree.path + "/" + $0 })
    #expect(found == example.files.map { tree.path + "/" + $0 })
  }

  @Test func `a pattern that means no file is named`() throws {
    let tree = try Self.tree()
    let pattern = tree.path + "/*.parquet"
    #expect {
      try PathExpansion.files(matching: [tree.path, pattern])
    } throws: { error in
      let error = error as? FileIOError
      return error?.code == .notFound && error?.path == pattern
        && "\(error.map(String.init(describing:)) ?? "")".hasPrefix(pattern + ": no file matches")
    }
  }

  @Test func `stars do not take exponential time`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(String(repeating: "a", count: 200))
    let pattern = directory.path + "/" + String(repeating: "*a", count: 60) + "b"
    #expect(throws: FileIOError.self) { try PathExpansion.files(matching: [pattern]) }
  }

  @Test func `a follower returns each file once, when it appears`() throws {
    let directory = try TemporaryDirectory()
    var follower = DirectoryFollower(patterns: [directory.path + "/*.jsonl"])
    #expect(try follower.poll() == [])
    let second = try directory.write("b.jsonl")
    let first = try directory.write("a.jsonl")
    try directory.write("c.csv")
    #expect(try follower.poll() == [first, second])
    #expect(try follower.poll() == [])
    let third = try directory.write("0.jsonl")
    #expect(try follower.poll() == [third])
    var restarted = DirectoryFollower(patterns: follower.patterns, known: [first, third])
    #expect(try restarted.poll() == [second])
  }
}
