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
}
