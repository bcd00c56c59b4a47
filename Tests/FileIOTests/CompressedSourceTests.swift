import Columns
import FileIO
import FileIOTesting
import Formats
import Testing

@Suite struct CompressedSourceTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Lines that compress somewhat, from a fixed generator.
  private func text(_ count: Int) -> [UInt8] {
    var state: UInt64 = 12
    return (0..<count).flatMap { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Array("{\"value\": \(state >> 40)}\n".utf8)
    }
  }

  private func read(
    _ stored: [UInt8], _ compression: Compression, limit: ExpansionLimit = ExpansionLimit(),
    targetBytes: Int = 10_000
  ) throws -> [UInt8] {
    let path = try directory.write("a.jsonl." + compression.rawValue, stored)
    var options = FileSplitReader.Options()
    options.expansionLimit = limit
    let reader = try FileSplitReader(path: path, framing: LineFraming(), options: options)
    return try readAll(reader, targetBytes: targetBytes).bytes
  }

  @Test(arguments: Compression.allCases, [0, 1, 1000, 100_000])
  func `a frame comes back`(compression: Compression, count: Int) throws {
    let content = text(count)
    #expect(try read(Compressing.frame(content, compression), compression) == content)
  }

  @Test(arguments: Compression.allCases, [1, 7, 300])
  func `frames one after the other come back, empty ones too`(
    compression: Compression, targetBytes: Int
  ) throws {
    let content = text(100)
    let parts = [content[..<1], content[1..<1], content[1..<500], content[500...]]
    let stored = parts.flatMap { Compressing.frame(Array($0), compression) }
    #expect(try read(stored, compression, targetBytes: targetBytes) == content)
  }

  @Test(arguments: Compression.allCases)
  func `a stream cut anywhere is an error with its place`(compression: Compression) throws {
    let content = text(20)
    let first = Compressing.frame(content, compression)
    let stored = first + Compressing.frame(content, compression)
    for count in 0..<stored.count {
      let cut = Array(stored.prefix(count))
      if count == 0 || count == first.count {
        #expect(try read(cut, compression).count == (count == 0 ? 0 : content.count))
        continue
      }
      #expect("\(count) of \(stored.count) bytes") {
        try read(cut, compression)
      } throws: { error in
        guard let error = error as? FileIOError else { return false }
        return error.code == .truncated && error.offset == count
          && error.cause.contains("ends inside a frame")
      }
    }
  }

  @Test(arguments: Compression.allCases)
  func `damaged and foreign bytes are errors`(compression: Compression) throws {
    var stored = Compressing.frame(text(1000), compression)
    stored[0] ^= 0xFF
    let isCorrupt = { (error: any Error) in (error as? FileIOError)?.code == .corrupt }
    #expect { try read(stored, compression) } throws: { isCorrupt($0) }
    stored[0] ^= 0xFF
    let trailing = stored + Array("no frame follows here".utf8)
    #expect { try read(trailing, compression) } throws: { isCorrupt($0) }
  }

  @Test func `gzip and zstd data are covered by their checksums`() throws {
    var stored = Compressing.frame(text(1000), .gzip)
    stored[stored.count - 6] ^= 1
    #expect { try read(stored, .gzip) } throws: { "\($0)".contains("incorrect data check") }
  }

  @Test(arguments: Compression.allCases)
  func `a bomb is stopped by its ratio, and any file by an absolute limit`(
    compression: Compression
  ) throws {
    // Long lines of zeros, more of them than are free of the ratio.
    let line = [UInt8](repeating: 0x30, count: (1 << 20) - 1) + [0x0A]
    var content: [UInt8] = []
    for _ in 0..<20 { content += line }
    let stored = Compressing.frame(content, compression)
    let ratio = content.count / stored.count
    let tight = ExpansionLimit(ratio: ratio / 2)
    #expect {
      try read(stored, compression, limit: tight, targetBytes: 2 << 20)
    } throws: { error in
      let error = error as? FileIOError
      return error?.code == .limitExceeded && error?.cause.contains("to 1") == true
    }
    let loose = ExpansionLimit(ratio: 2 * ratio)
    #expect(
      try read(stored, compression, limit: loose, targetBytes: 2 << 20).count == content.count)
    let absolute = ExpansionLimit(ratio: 2 * ratio, byteCount: 1_000_000)
    #expect {
      try read(stored, compression, limit: absolute)
    } throws: { "\($0)".contains("more than the allowed 1000000 bytes") }
  }

  @Test func `the suffix alone says how a file is compressed`() {
    #expect(Compression(path: "a/b.jsonl.gz") == .gzip)
    #expect(Compression(path: "b.lz4") == .lz4)
    #expect(Compression(path: "b.csv.zst") == .zstd)
    #expect(Compression(path: "a.gz/b") == nil)
    #expect(Compression(path: "b") == nil)
    #expect(Compression.strippingSuffix(of: "a/b.jsonl.gz") == "a/b.jsonl")
    #expect(Compression.strippingSuffix(of: "a/b.jsonl") == "a/b.jsonl")
  }
}
