import Columns
import Testing

@Suite struct StringDictionaryTests {
  @Test func `strings are told apart by all their bytes, and by no others`() {
    let dictionary = StringDictionary()
    // Every prefix of texts that differ in one place, each with other bytes behind it.
    var texts: [[UInt8]] = [[]]
    for length in 1...40 {
      for place in 0..<length {
        var text = [UInt8](repeating: UInt8(ascii: "a"), count: length)
        text[place] = UInt8(ascii: "b")
        texts.append(text)
      }
      texts.append([UInt8](repeating: 0, count: length))
    }
    for round in 0..<3 {
      for (id, text) in texts.enumerated() {
        let padded = text + [UInt8](repeating: UInt8(0x40 + round), count: 16)
        let found = unsafe padded.withUnsafeBytes { bytes in
          guard let start = bytes.baseAddress else { return UInt32.max }
          return unsafe dictionary.intern(padded: start, length: text.count)
        }
        #expect(found == UInt32(id), "\(text)")
      }
    }
    #expect(dictionary.count == texts.count)
    for (id, text) in texts.enumerated() {
      #expect(dictionary.string(UInt32(id)) == String(decoding: text, as: UTF8.self))
    }
  }
  @Test(arguments: [0, 1, 31, 32, 33, 100], [false, true])
  func `a plain column gets the ids of its strings one by one`(count: Int, hasAbsent: Bool) {
    // Short and long texts, the last of which ends the column's bytes.
    let texts = (0..<count).map { row in
      [UInt8](repeating: UInt8(97 + row % 7), count: row * 13 % 41)
    }
    let present = (0..<count).map { !hasAbsent || $0 % 3 != 1 }
    let kept = texts.indices.map { present[$0] ? texts[$0] : [] }
    var offsets: [UInt32] = [0]
    for text in kept { offsets.append(offsets[offsets.count - 1] + UInt32(text.count)) }
    let column = PlainStringColumn(
      bytes: kept.flatMap { $0 }, offsets: offsets, validity: Validity(present))
    let (blocks, single) = (StringDictionary(), StringDictionary())
    let found = column.interned(in: blocks)
    for row in 0..<count {
      let expected =
        present[row]
        ? unsafe texts[row].withUnsafeBytes { unsafe single.intern($0) } : 0
      #expect(found.ids[row] == expected, "row \(row)")
    }
    #expect(blocks.count == single.count)
  }
}
