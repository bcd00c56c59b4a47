public import Columns

/// Records end after each `\n`: JSON lines, and CSV without quoted line ends.
public struct LineFraming: RecordFraming {
  public init() {}

  public func wholeRecordPrefix(of buffer: PaddedBuffer) -> Int {
    unsafe buffer.withBytes { bytes in
      unsafe (bytes.lastIndex(of: 0x0A) ?? -1) + 1
    }
  }
}
