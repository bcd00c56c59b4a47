import Columns
import Testing

@Suite struct PaddedBufferTests {
  private final class Words: RecordBlock {
    let words = ["one", "two", "three"]
    var count: Int { words.count }
    func copy(_ range: Range<Int>) -> [UInt8] { words[range].flatMap { Array($0.utf8) } }
  }

  @Test func `a buffer that holds a block counts and copies by its positions`() {
    let buffer = PaddedBuffer([1, 2, 3, 4])
    #expect(buffer.count == 4 && buffer.copy(1..<3) == [2, 3])
    let words = Words()
    buffer.removeAll()
    buffer.hold(words)
    #expect(buffer.count == 3 && buffer.copy(1..<3) == Array("twothree".utf8))
    buffer.removeAll()
    #expect(buffer.count == 0)
    #expect(buffer.block === words, "kept to be used again")
    unsafe buffer.append(2) { _ in 2 }
    #expect(buffer.count == 2 && buffer.copy(0..<2).count == 2)
  }
}
