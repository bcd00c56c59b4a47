internal import CLZ4

/// Whole LZ4 frames in memory, with checksums of their blocks and content.
public enum LZ4Frame {
  /// One frame that holds `bytes`.
  public static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var preferences = LZ4F_preferences_t()
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
    preferences.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled
    preferences.frameInfo.contentSize = UInt64(bytes.count)
    let bound = unsafe LZ4F_compressFrameBound(bytes.count, &preferences)
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { target, count in
      count = unsafe bytes.withUnsafeBytes { source in
        unsafe LZ4F_compressFrame(
          target.baseAddress, bound, source.baseAddress, source.count, &preferences)
      }
      precondition(LZ4F_isError(count) == 0, "LZ4 refuses \(bytes.count) bytes")
    }
  }

  /// What frames one after the other hold; `path` is for the message.
  ///
  /// - Throws: ``FileIOError`` if `frame` is not exactly one or more sound frames.
  public static func decompress(
    _ frame: ArraySlice<UInt8>, path: String
  ) throws(FileIOError) -> [UInt8] {
    func corrupt(_ reason: String) -> FileIOError {
      FileIOError(.corrupt, path: path, cause: "an LZ4 frame is damaged: \(reason)")
    }
    var bytes: [UInt8] = []
    do throws(CodecFailure) {
      let codec = try LZ4Codec()
      var taken = frame.startIndex
      while true {
        var consumed = 0
        var produced = 0
        var failure: CodecFailure?
        let block = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 18) { target, count in
          unsafe frame[taken...].withUnsafeBytes { source in
            do throws(CodecFailure) {
              (consumed, produced) = unsafe try codec.step(
                source, UnsafeMutableRawBufferPointer(target))
            } catch { failure = error }
          }
          count = produced
        }
        if let failure { throw failure }
        bytes += block
        taken += consumed
        if taken == frame.endIndex && codec.isBetweenFrames || consumed + produced == 0 { break }
      }
      guard !frame.isEmpty, codec.isBetweenFrames, taken == frame.endIndex else {
        throw CodecFailure(text: "it ends elsewhere")
      }
    } catch { throw corrupt(error.text) }
    return bytes
  }
}
