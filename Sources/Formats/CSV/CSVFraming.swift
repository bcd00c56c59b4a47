public import Columns

/// CSV records end at a line end outside quotes: one with an even number of quotes before it.
public struct CSVFraming: RecordFraming {
  public init() {}

  public func wholeRecordPrefix(of buffer: PaddedBuffer) -> Int {
    unsafe buffer.withBytes { bytes in
      var isInside = unsafe hasOddQuotes(bytes)
      var end = bytes.count
      while end > 0 {
        let byte = unsafe bytes[end - 1]
        if byte == 0x22 { isInside.toggle() }
        if byte == 0x0A && !isInside { return end }
        end -= 1
      }
      return 0
    }
  }

  /// Whether the number of quotes is odd: eight bytes at a time, each adding its quotes modulo 2.
  private func hasOddQuotes(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    var parities: UInt64 = 0
    var at = 0
    while at &+ 8 <= bytes.count {
      let word = unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      let difference = word ^ 0x2222_2222_2222_2222
      // The top bit of each byte that is a quote, exactly; no carry leaves a byte.
      parities ^= ~(((difference & low) &+ low) | difference | low)
      at &+= 8
    }
    var isOdd = parities.nonzeroBitCount % 2 == 1
    while at < bytes.count {
      if unsafe bytes[at] == 0x22 { isOdd.toggle() }
      at += 1
    }
    return isOdd
  }
}
