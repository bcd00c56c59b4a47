import Accumulators
import Columns
import FileIO
import FileIOTesting
import Testing

@Suite struct SpillFileTests {
  private static func bytes(_ count: Int, _ seed: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31) ^ ($0 >> 8) ^ seed) }
  }

  @Test func `what was put away is read back, whatever the pieces`() throws {
    let directory = try TemporaryDirectory()
    let file = SpillFile(directory: directory.path + "/new/place", attempt: "a")
    let pieces = [1, 70_000, 65_536, 0, 200_000, 5].enumerated().map { Self.bytes($1, $0) }
    let whole = pieces.flatMap { $0 }
    let one = try #require(file.put { append in for piece in pieces { append(piece) } })
    let two = try #require(file.put { $0(Self.bytes(100, 9)) })
    #expect(one.read(0..<whole.count) == whole)
    #expect(one.read(65_000..<140_000) == Array(whole[65_000..<140_000]))
    #expect(one.read(7..<7) == [])
    #expect(two.read(10..<100) == Array(Self.bytes(100, 9)[10...]))
    // No name: nothing is left of it, however the process ends.
    #expect(try FileSystem.names(in: directory.path + "/new/place") == [])
  }

  @Test func `the place of what is gone is used again`() throws {
    let directory = try TemporaryDirectory()
    let file = SpillFile(directory: directory.path, attempt: "a")
    let kept = try #require(file.put { $0(Self.bytes(100_000, 1)) })
    for round in 0..<20 {
      let bytes = Self.bytes(300_000, round)
      let gone = try #require(file.put { $0(bytes) })
      #expect(gone.read(0..<bytes.count) == bytes)
    }
    #expect(file.byteCount == 7 * 65_536)
    #expect(kept.read(0..<100_000) == Self.bytes(100_000, 1))
  }

  @Test func `a store that cannot be written says why, once and for all`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("taken", "a file")
    let file = SpillFile(directory: directory.path + "/taken", attempt: "a")
    #expect(file.failure == nil)
    #expect(file.put { $0([1, 2, 3]) } == nil)
    let failure = try #require(file.failure)
    #expect("\(failure)".contains("/taken"), "\(failure)")
    var states = GroupedVocabulary(VocabularyParameters())
    states.grow(to: 2)
    states.add([.string(StringColumn(["a", "b", "a"]))], cells: [1, 1, 1], uniform: 1)
    states.spill(to: file)
    #expect(states.extract([1]).output(1).entries.map(\.text) == ["a", "b"])
  }
}
