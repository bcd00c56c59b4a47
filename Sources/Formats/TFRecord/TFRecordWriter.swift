public import ByteCoding

/// Frames data as records of a TFRecord file.
public enum TFRecordWriter {
  /// Appends `data` as one record: length, checksum, data, checksum.
  public static func append(_ data: [UInt8], to writer: inout ByteWriter) {
    var length = ByteWriter()
    length.append(littleEndian: UInt64(data.count))
    writer.append(contentsOf: length.bytes)
    writer.append(littleEndian: CRC32C.masked(CRC32C.checksum(length.bytes)))
    writer.append(contentsOf: data)
    writer.append(littleEndian: CRC32C.masked(CRC32C.checksum(data)))
  }

  /// What stands before the data of a record, and with what stands after.
  static let headByteCount = 12
  static let frameByteCount = 16

  /// Writes what stands before and after `count` bytes of data, 12 bytes behind `base`.
  static func frame(_ count: Int, at base: UnsafeMutableRawPointer) {
    unsafe base.storeBytes(of: UInt64(count).littleEndian, as: UInt64.self)
    let length = unsafe CRC32C.checksum(UnsafeRawBufferPointer(start: base, count: 8))
    unsafe base.storeBytes(
      of: CRC32C.masked(length).littleEndian, toByteOffset: 8, as: UInt32.self)
    let data = unsafe CRC32C.checksum(
      UnsafeRawBufferPointer(start: base + headByteCount, count: count))
    unsafe base.storeBytes(
      of: CRC32C.masked(data).littleEndian, toByteOffset: headByteCount + count, as: UInt32.self)
  }
}
