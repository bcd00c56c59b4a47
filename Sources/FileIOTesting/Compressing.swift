import CLZ4
import CZlib
import CZstd
public import FileIO

/// Makes compressed files with the C libraries: one frame or member each call.
public enum Compressing {
  public static func frame(_ bytes: [UInt8], _ compression: Compression) -> [UInt8] {
    switch compression {
    case .gzip: gzip(bytes)
    case .lz4: lz4(bytes)
    case .zstd: zstd(bytes)
    }
  }

  private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = unsafe z_stream()
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    let opened = unsafe deflateInit2_(
      &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
    precondition(opened == Z_OK)
    var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 100 + 1000)
    var input = bytes
    let written = unsafe input.withUnsafeMutableBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { output in
        unsafe stream.next_in = input.baseAddress
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(output.count)
        precondition(unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END)
        return unsafe Int(stream.total_out)
      }
    }
    unsafe deflateEnd(&stream)
    return Array(output.prefix(written))
  }

  private static func lz4(_ bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: LZ4F_compressFrameBound(bytes.count, nil))
    let written = unsafe LZ4F_compressFrame(&output, output.count, bytes, bytes.count, nil)
    precondition(LZ4F_isError(written) == 0)
    return Array(output.prefix(written))
  }

  private static func zstd(_ bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let written = unsafe ZSTD_compress(&output, output.count, bytes, bytes.count, 3)
    precondition(ZSTD_isError(written) == 0)
    return Array(output.prefix(written))
  }
}
