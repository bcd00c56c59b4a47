import Columns
import FileIO
import FileIOTesting
import Formats
import Testing

/// Reads a split to its end; every chunk must follow the one before.
func readAll(_ reader: FileSplitReader, targetBytes: Int) throws -> (bytes: [UInt8], ends: [Int]) {
  let buffer = PaddedBuffer(capacity: 1)
  var bytes: [UInt8] = []
  var ends: [Int] = []
  var start: Int?
  var isOver = false
  while let chunk = try reader.nextChunk(into: buffer, targetBytes: targetBytes) {
    let first = start ?? chunk.startOffset
    start = first
    #expect(!isOver && chunk.sequence == ends.count && chunk.byteCount == buffer.count)
    #expect(chunk.startOffset == first + bytes.count)
    #expect(chunk.isStartOfSplit == (chunk.startOffset == 0))
    unsafe buffer.withBytes { bytes += unsafe Array($0) }
    ends.append(first + bytes.count)
    isOver = chunk.isEndOfSplit
  }
  #expect(isOver)
  return (bytes, ends)
}

@Suite struct FileSplitReaderTests {
  private func lines(_ count: Int) -> [UInt8] {
    (0..<count).flatMap { Array("\($0) \(String(repeating: "x", count: $0 * 7 % 31))\n".utf8) }
  }

  @Test(arguments: [1, 2, 3, 10, 64, 1000, 1 << 20])
  func `chunks are whole records, and together the file`(targetBytes: Int) throws {
    let directory = try TemporaryDirectory()
    let content = lines(100) + Array("cut short".utf8)
    let path = try directory.write("a.jsonl", content)
    let reader = try FileSplitReader(path: path, framing: LineFraming())
    let (bytes, ends) = try readAll(reader, targetBytes: targetBytes)
    #expect(bytes == content)
    for end in ends.dropLast() { #expect(content[end - 1] == 0x0A) }
    #expect(try reader.nextChunk(into: PaddedBuffer(), targetBytes: 1) == nil)
    // About the target: a chunk is at most the target, or one record longer than it.
    for (start, end) in zip([0] + ends, ends) { #expect(end - start <= max(targetBytes, 2 * 36)) }
  }

  @Test(arguments: [nil, Compression.gzip, .lz4, .zstd])
  func `reading resumes at every record and gives the same bytes`(
    compression: Compression?
  ) throws {
    let directory = try TemporaryDirectory()
    let content = lines(40)
    let stored =
      compression.map { kind in
        stride(from: 0, to: content.count, by: 100)
          .flatMap { Compressing.frame(Array(content[$0...].prefix(100)), kind) }
      } ?? content
    let path = try directory.write(
      "a.jsonl" + (compression.map { "." + $0.rawValue } ?? ""), stored)
    var records = 0
    for start in [0] + content.indices.filter({ content[$0] == 0x0A }).map({ $0 + 1 }) {
      let position = FilePosition(byteOffset: start, recordCount: records)
      let reader = try FileSplitReader(path: path, framing: LineFraming(), startingAt: position)
      #expect(try readAll(reader, targetBytes: 50).bytes == Array(content[start...]))
      records += 1
    }
    let beyond = FilePosition(byteOffset: content.count + 1, recordCount: records)
    #expect {
      try FileSplitReader(path: path, framing: LineFraming(), startingAt: beyond)
    } throws: { ($0 as? FileIOError)?.code == .truncated }
  }

  @Test func `an empty file is one empty chunk`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a.csv")
    let reader = try FileSplitReader(path: path, framing: CSVFraming())
    let buffer = PaddedBuffer()
    let chunk = FileChunk(
      sequence: 0, startOffset: 0, byteCount: 0, isStartOfSplit: true, isEndOfSplit: true)
    #expect(try reader.nextChunk(into: buffer, targetBytes: 10) == chunk)
    #expect(try reader.nextChunk(into: buffer, targetBytes: 10) == nil)
  }

  @Test func `a record beyond the limit is an error that names its place`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a.jsonl", "short\n" + String(repeating: "x", count: 100) + "\n")
    var options = FileSplitReader.Options()
    options.recordByteLimit = 101
    let allowed = try FileSplitReader(path: path, framing: LineFraming(), options: options)
    #expect(try readAll(allowed, targetBytes: 8).bytes.count == 107)
    options.recordByteLimit = 100
    let reader = try FileSplitReader(path: path, framing: LineFraming(), options: options)
    let buffer = PaddedBuffer()
    #expect(try reader.nextChunk(into: buffer, targetBytes: 8)?.byteCount == 6)
    #expect {
      try reader.nextChunk(into: buffer, targetBytes: 8)
    } throws: { error in
      let error = error as? FileIOError
      return error?.code == .limitExceeded && error?.cause.contains("byte 6") == true
    }
  }

  @Test func `a missing file and a directory are errors that name the path`() throws {
    let directory = try TemporaryDirectory()
    let missing = directory.path + "/none.jsonl"
    #expect {
      try FileSplitReader(path: missing, framing: LineFraming())
    } throws: {
      "\($0)" == "\(missing): cannot open: No such file or directory; check the path"
    }
    let reader = try FileSplitReader(path: directory.path, framing: LineFraming())
    #expect(throws: FileIOError.self) {
      try reader.nextChunk(into: PaddedBuffer(), targetBytes: 10)
    }
  }

  @Test func `the head holds the first record, however long`() throws {
    let directory = try TemporaryDirectory()
    let header = String(repeating: "column,", count: 50) + "last\n"
    let path = try directory.write("a.csv", header + "1,2\n")
    let reader = try FileSplitReader(
      path: path, framing: CSVFraming(),
      startingAt: FilePosition(byteOffset: header.utf8.count, recordCount: 0))
    let head = try reader.head(targetBytes: 10)
    #expect(unsafe head.withBytes { unsafe Array($0) }.starts(with: header.utf8))
    #expect(try readAll(reader, targetBytes: 10).bytes == Array("1,2\n".utf8))
  }
}
