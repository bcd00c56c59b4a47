public import Columns

/// Records of a TFRecord file, by their lengths.
///
/// A record whose length is damaged hides where the next one starts: it counts as whole only with
/// all that follows it, so the decoder meets the damage once.
public struct TFRecordFraming: RecordFraming {
  public init() {}

  public func wholeRecordPrefix(of buffer: PaddedBuffer) -> Int {
    unsafe buffer.withBytes { raw in
      guard let base = raw.baseAddress else { return 0 }
      let bytes = unsafe PaddedBytes(base: base, count: raw.count)
      var end = 0
      while case .frame(let frame) = TFRecordFrame.scan(bytes, at: end) { end = frame.end }
      return end
    }
  }
}
