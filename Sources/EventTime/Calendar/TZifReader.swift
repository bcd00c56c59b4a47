/// Reads a TZif file (RFC 9636, section 3).
struct TZifReader {
  struct Contents {
    var transitions: [Int64]
    var offsets: [Int64]
    var rule: DaylightRule?
  }

  private struct Header {
    var version: UInt8
    /// isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt.
    var counts: [Int]

    func byteCount(timeSize: Int) -> Int {
      counts[3] * (timeSize + 1) + counts[4] * 6 + counts[5] + counts[2] * (timeSize + 4)
        + counts[1] + counts[0]
    }
  }

  let bytes: [UInt8]
  var offset = 0

  mutating func read() throws(TimeZoneError) -> Contents {
    var header = try readHeader()
    guard header.version >= UInt8(ascii: "2") else {
      return try readBlock(header, timeSize: 4)
    }
    try skip(header.byteCount(timeSize: 4))
    header = try readHeader()
    var contents = try readBlock(header, timeSize: 8)
    contents.rule = try readFooter()
    return contents
  }

  private mutating func readHeader() throws(TimeZoneError) -> Header {
    let magic = try read(count: 4)
    guard magic.elementsEqual("TZif".utf8) else { throw error("not a TZif file") }
    let version = try read(count: 1)
    try skip(15)
    var counts: [Int] = []
    for _ in 0..<6 { counts.append(Int(try readInteger(size: 4))) }
    guard counts.allSatisfy({ (0...1_000_000).contains($0) }), counts[4] > 0 else {
      throw error("counts \(counts)")
    }
    return Header(version: version.first ?? 0, counts: counts)
  }

  private mutating func readBlock(
    _ header: Header, timeSize: Int
  ) throws(TimeZoneError) -> Contents {
    let end = offset + header.byteCount(timeSize: timeSize)
    var transitions: [Int64] = []
    for _ in 0..<header.counts[3] { transitions.append(try readInteger(size: timeSize)) }
    let types = try read(count: header.counts[3]).map(Int.init)
    var utcOffsets: [Int64] = []
    for _ in 0..<header.counts[4] {
      utcOffsets.append(try readInteger(size: 4))
      try skip(2)
    }
    guard types.allSatisfy({ $0 < utcOffsets.count }) else { throw error("a type out of range") }
    guard zip(transitions, transitions.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw error("transitions out of order")
    }
    try skip(end - offset)
    // Type 0 is what holds before the first transition.
    return Contents(
      transitions: transitions, offsets: ([0] + types).map { utcOffsets[$0] }, rule: nil)
  }

  private mutating func readFooter() throws(TimeZoneError) -> DaylightRule? {
    guard try read(count: 1).first == UInt8(ascii: "\n"),
      let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n"))
    else { throw error("no footer") }
    let text = try read(count: end - offset)
    guard !text.isEmpty else { return nil }
    guard let rule = DaylightRule(posix: Array(text)) else {
      throw error("rule \(String(decoding: text, as: UTF8.self))")
    }
    return rule
  }

  private mutating func readInteger(size: Int) throws(TimeZoneError) -> Int64 {
    let value = try read(count: size).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return size == 4
      ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
  }

  private mutating func skip(_ count: Int) throws(TimeZoneError) { _ = try read(count: count) }

  private mutating func read(count: Int) throws(TimeZoneError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - offset else {
      throw error("\(count) bytes expected, \(bytes.count - offset) left")
    }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  private func error(_ reason: String) -> TimeZoneError {
    TimeZoneError(reason: reason, offset: offset)
  }
}
