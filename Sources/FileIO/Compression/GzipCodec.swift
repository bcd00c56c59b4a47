internal import CZlib

/// gzip (RFC 1952), members one after the other.
@safe final class GzipCodec: StreamCodec {
  private let stream: UnsafeMutablePointer<z_stream>
  private(set) var isBetweenFrames = true

  init() throws(CodecFailure) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for the gzip header alone.
    let result = unsafe inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else { throw CodecFailure(text: "zlib cannot start (code \(result))") }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
  ) throws(CodecFailure) -> (consumed: Int, produced: Int) {
    let source = unsafe input.assumingMemoryBound(to: UInt8.self)
    let target = unsafe output.assumingMemoryBound(to: UInt8.self)
    let inputCount = UInt32(clamping: input.count)
    let outputCount = UInt32(clamping: output.count)
    unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
    unsafe stream.pointee.avail_in = inputCount
    unsafe stream.pointee.next_out = target.baseAddress
    unsafe stream.pointee.avail_out = outputCount
    let result = unsafe inflate(stream, Z_NO_FLUSH)
    let consumed = unsafe Int(inputCount - stream.pointee.avail_in)
    let produced = unsafe Int(outputCount - stream.pointee.avail_out)
    switch result {
    case Z_OK, Z_BUF_ERROR:
      if consumed + produced > 0 { isBetweenFrames = false }
    case Z_STREAM_END:
      isBetweenFrames = true
      unsafe inflateReset(stream)
    default:
      let text = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
      throw CodecFailure(text: text ?? "zlib code \(result)")
    }
    return (consumed, produced)
  }
}
