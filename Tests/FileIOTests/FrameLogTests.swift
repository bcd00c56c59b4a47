import FileIO
import FileIOTesting
import Testing

@Suite struct FrameLogTests {
  private static let payloads: [[UInt8]] = [[1, 2, 3], [], Array(repeating: 7, count: 5000)]

  private static func written(_ path: String) throws -> Int {
    var log = try FrameLog(path: path, cutTo: 0)
    for payload in payloads { try log.append(payload) }
    return log.byteCount
  }

  @Test func `what is appended is read, from any frame on`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/log"
    let end = try Self.written(path)
    #expect(end == 3 * 8 + 5003)
    #expect(try FrameLog.read(path: path) == (Self.payloads, end))
    #expect(try FrameLog.read(path: path, from: 11) == (Array(Self.payloads[1...]), end))
    #expect(throws: FileIOError.self) { try FrameLog.read(path: path, from: end + 1) }
  }

  @Test func `any cut and any flipped bit ends the log before the frame`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/log"
    let end = try Self.written(path)
    let bytes = try FileSystem.contents(of: path)
    let ends = [0, 11, 19, end]
    for position in Array(0..<40) + [200, end - 1] {
      let known = ends.last { $0 <= position } ?? 0
      try directory.write("log", bytes[..<position])
      #expect(try FrameLog.read(path: path).end == known, "cut to \(position)")
      var damaged = bytes
      damaged[position] ^= 1 << UInt8(position % 8)
      try directory.write("log", damaged)
      #expect(try FrameLog.read(path: path).end == known, "byte \(position)")
    }
  }

  @Test func `a log is gone on with where it was whole`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/log"
    _ = try Self.written(path)
    var log = try FrameLog(path: path, cutTo: 19)
    try log.append([9])
    #expect(try FrameLog.read(path: path).payloads == [[1, 2, 3], [], [9]])
    #expect { _ = try FrameLog(path: path, cutTo: 1000).byteCount } throws: {
      ($0 as? FileIOError)?.code == .truncated
    }
  }

  @Test func `a log of zeros, as a crash can leave one, is empty`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("log", [UInt8](repeating: 0, count: 64))
    #expect(try FrameLog.read(path: path) == ([], 0))
  }
}
