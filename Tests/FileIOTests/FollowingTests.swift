import Columns
import FileIO
import FileIOTesting
import Formats
import Foundation
import Testing

@Suite struct FollowingTests {
  private func append(_ text: String, to path: String) throws {
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  private func follower(_ path: String) throws -> FileSplitReader {
    var options = FileSplitReader.Options()
    options.isFollowing = true
    return try FileSplitReader(path: path, framing: LineFraming(), options: options)
  }

  private func poll(_ reader: FileSplitReader) throws -> (String, FileChunk)? {
    let buffer = PaddedBuffer()
    guard let chunk = try reader.nextChunk(into: buffer, targetBytes: 100) else { return nil }
    return (unsafe buffer.withBytes { unsafe String(decoding: $0, as: UTF8.self) }, chunk)
  }

  @Test func `a growing file is caught up, never ended, and keeps an incomplete line`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a.jsonl")
    let reader = try follower(path)
    for _ in 0..<2 {
      let (text, chunk) = try #require(try poll(reader))
      #expect(text.isEmpty && chunk.isCaughtUp && !chunk.isEndOfSplit && chunk.sequence == 0)
    }
    try append("one\ntw", to: path)
    let (first, firstChunk) = try #require(try poll(reader))
    #expect(first == "one\n" && firstChunk.isStartOfSplit && firstChunk.sequence == 0)
    let (none, noneChunk) = try #require(try poll(reader))
    #expect(none.isEmpty && noneChunk.isCaughtUp && noneChunk.startOffset == 4)
    try append("o\nthree", to: path)
    let (second, secondChunk) = try #require(try poll(reader))
    #expect(second == "two\n" && secondChunk.startOffset == 4 && secondChunk.sequence == 1)
    reader.endFollowing()
    let (rest, restChunk) = try #require(try poll(reader))
    #expect(rest == "three" && restChunk.isEndOfSplit && restChunk.sequence == 2)
    #expect(try poll(reader) == nil)
  }

  @Test func `many records at once come in chunks before it is caught up`() throws {
    let directory = try TemporaryDirectory()
    let content = (0..<100).map { "line \($0)\n" }.joined()
    let path = try directory.write("a.jsonl", content)
    let reader = try follower(path)
    var read = ""
    while let (text, chunk) = try poll(reader) {
      read += text
      if chunk.isCaughtUp { break }
      #expect(!text.isEmpty)
    }
    #expect(read == content)
  }

  @Test func `a file that became shorter is an error`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a.jsonl", "one\ntwo\n")
    let reader = try follower(path)
    _ = try poll(reader)
    try directory.write("a.jsonl", "x\n")
    #expect {
      try poll(reader)
    } throws: { ($0 as? FileIOError)?.code == .truncated }
  }

  @Test func `a compressed file cannot be followed`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a.jsonl.gz", Compressing.frame([], .gzip))
    #expect(throws: FileIOError.self) { try follower(path) }
  }
}
