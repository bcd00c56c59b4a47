internal import CLZ4

/// LZ4 frames (not the legacy format), one after the other, with their checksums.
@safe final class LZ4Codec: StreamCodec {
  private var context: OpaquePointer?
  private(set) var isBetweenFrames = true

  init() throws(CodecFailure) {
    let result = unsafe LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
    try Self.check(result)
  }

  deinit { unsafe _ = LZ4F_freeDecompressionContext(context) }

  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
  ) throws(CodecFailure) -> (consumed: Int, produced: Int) {
    var consumed = input.count
    var produced = output.count
    let hint = unsafe LZ4F_decompress(
      context, output.baseAddress, &produced, input.baseAddress, &consumed, nil)
    try Self.check(hint)
    if consumed + produced > 0 { isBetweenFrames = hint == 0 }
    return (consumed, produced)
  }

  private static func check(_ result: Int) throws(CodecFailure) {
    guard LZ4F_isError(result) != 0 else { return }
    throw CodecFailure(text: unsafe String(cString: LZ4F_getErrorName(result)))
  }
}
