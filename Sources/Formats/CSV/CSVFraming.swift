public import Columns

/// CSV records end at a line end outside quotes: one with an even number of quotes before it.
public struct CSVFraming: RecordFraming {
  public init() {}

  public func wholeRecordPrefix(of buffer: PaddedBuffer) -> Int {
    unsafe buffer.withBytes { bytes in
      var quoteCount = 0
      for index in 0..<bytes.count { quoteCount &+= unsafe bytes[index] == 0x22 ? 1 : 0 }
      var isInside = quoteCount % 2 == 1
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
}
