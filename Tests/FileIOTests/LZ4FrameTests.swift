import FileIO
import FileIOTesting
import Testing

@Suite struct LZ4FrameTests {
  private static let contents: [[UInt8]] = [
    [], [1], Array("limno ".utf8), (0..<600_000).map { UInt8(truncatingIfNeeded: $0 / 100) },
  ]

  @Test(arguments: 0..<4) func `a frame holds what was put in`(index: Int) throws {
    let bytes = Self.contents[index]
    let frame = LZ4Frame.compress(bytes)
    #expect(try LZ4Frame.decompress(frame[...], path: "a") == bytes)
    #expect(try LZ4Frame.decompress((frame + [0])[..<frame.count], path: "a") == bytes)
  }

  @Test func `another writer's frame is read`() throws {
    let bytes = Self.contents[3]
    let frame = Compressing.frame(bytes, .lz4)
    #expect(try LZ4Frame.decompress(frame[...], path: "a") == bytes)
  }

  @Test func `a frame cut short, too long or with a flipped bit is refused`() throws {
    let frame = LZ4Frame.compress(Self.contents[3])
    let positions = Array(0..<20) + stride(from: 20, to: frame.count, by: 97)
    for position in positions {
      #expect(throws: FileIOError.self, "cut to \(position)") {
        try LZ4Frame.decompress(frame[..<position], path: "a")
      }
      var damaged = frame
      damaged[position] ^= 16
      #expect(throws: FileIOError.self, "byte \(position)") {
        try LZ4Frame.decompress(damaged[...], path: "a")
      }
    }
    for extra in [[0], Array(frame.prefix(30))] {
      #expect(throws: FileIOError.self) { try LZ4Frame.decompress((frame + extra)[...], path: "a") }
    }
    let three = LZ4Frame.compress([1]) + frame + LZ4Frame.compress([2, 3])
    #expect(try LZ4Frame.decompress(three[...], path: "a") == [1] + Self.contents[3] + [2, 3])
  }
}
