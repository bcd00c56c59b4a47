internal import CZstd

/// Zstandard frames (RFC 8878), one after the other, windows up to 128 MiB.
@safe final class ZstdCodec: StreamCodec {
  private let context: OpaquePointer
  private(set) var isBetweenFrames = true

  init() throws(CodecFailure) {
    guard let context = unsafe ZSTD_createDCtx() else {
      throw CodecFailure(text: "zstd cannot allocate its context")
    }
    unsafe self.context = context
  }

  deinit { unsafe _ = ZSTD_freeDCtx(context) }

  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
  ) throws(CodecFailure) -> (consumed: Int, produced: Int) {
    var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let hint = unsafe ZSTD_decompressStream(context, &target, &source)
    guard ZSTD_isError(hint) == 0 else {
      throw CodecFailure(text: unsafe String(cString: ZSTD_getErrorName(hint)))
    }
    let (consumed, produced) = unsafe (source.pos, target.pos)
    if consumed + produced > 0 { isBetweenFrames = hint == 0 }
    return (consumed, produced)
  }
}
