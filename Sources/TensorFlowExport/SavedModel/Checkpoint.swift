import ByteCoding

/// The checkpoint of a model without variables: the same bytes for every one.
///
/// `variables.data` holds an empty `TrackableObjectGraph`; `variables.index` is a LevelDB table of
/// two entries that says where (TensorBundle's format).
enum Checkpoint {
  static let dataName = "variables/variables.data-00000-of-00001"
  static let indexName = "variables/variables.index"

  /// A string tensor: lengths, a checksum of the lengths, the string.
  static var data: [UInt8] {
    let graph: [UInt8] = [0x0A, 0x00]
    var writer = ByteWriter()
    writer.append(varint: UInt64(graph.count))
    let lengths = withLittleEndianBytes(UInt32(graph.count))
    writer.append(littleEndian: CRC32C.masked(CRC32C.checksum(lengths)))
    writer.append(contentsOf: graph)
    return writer.bytes
  }

  static var index: [UInt8] {
    var table = ByteWriter()
    let entries = block([
      ("", header), ("_CHECKPOINTABLE_OBJECT_GRAPH", entry),
    ])
    let entriesHandle = append(entries, to: &table)
    let metaHandle = append(block([]), to: &table)
    // Any key that is not before the last one of the block.
    let indexHandle = append(block([("`", entriesHandle)]), to: &table)
    var footer = ByteWriter()
    footer.append(contentsOf: metaHandle)
    footer.append(contentsOf: indexHandle)
    footer.append(contentsOf: [UInt8](repeating: 0, count: 40 - footer.bytes.count))
    footer.append(littleEndian: UInt64(0xDB47_7524_8B80_FB57))
    table.append(contentsOf: footer.bytes)
    return table.bytes
  }

  /// `BundleHeaderProto`: one shard, version 1.
  private static var header: [UInt8] {
    var writer = ByteWriter()
    writer.append(field: 1, varint: UInt64(1))
    writer.append(field: 3) { $0.append(field: 1, varint: UInt64(1)) }
    return writer.bytes
  }

  /// `BundleEntryProto`: a string scalar, its size, its checksum.
  private static var entry: [UInt8] {
    let graph: [UInt8] = [0x0A, 0x00]
    var checked = ByteWriter()
    let lengths = withLittleEndianBytes(UInt32(graph.count))
    checked.append(contentsOf: lengths)
    checked.append(
      littleEndian: CRC32C.masked(CRC32C.checksum(lengths)))
    checked.append(contentsOf: graph)
    var writer = ByteWriter()
    writer.append(field: 1, varint: TFType.string.rawValue)
    writer.append(field: 2, bytes: [])
    writer.append(field: 5, varint: UInt64(data.count))
    writer.append(field: 6, fixed32: CRC32C.masked(CRC32C.checksum(checked.bytes)))
    return writer.bytes
  }

  private static func withLittleEndianBytes(_ value: UInt32) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(littleEndian: value)
    return writer.bytes
  }

  /// A LevelDB block with every entry in full and one restart point.
  private static func block(_ entries: [(key: String, value: [UInt8])]) -> [UInt8] {
    var writer = ByteWriter()
    for entry in entries {
      writer.append(varint: 0)
      writer.append(varint: UInt64(entry.key.utf8.count))
      writer.append(varint: UInt64(entry.value.count))
      writer.append(contentsOf: entry.key.utf8)
      writer.append(contentsOf: entry.value)
    }
    writer.append(littleEndian: UInt32(0))
    writer.append(littleEndian: UInt32(1))
    return writer.bytes
  }

  /// Appends a block, its type (not compressed) and checksum.
  ///
  /// - Returns: Its handle: offset and size.
  private static func append(_ block: [UInt8], to table: inout ByteWriter) -> [UInt8] {
    var handle = ByteWriter()
    handle.append(varint: UInt64(table.bytes.count))
    handle.append(varint: UInt64(block.count))
    let typed = block + [0]
    table.append(contentsOf: typed)
    table.append(littleEndian: CRC32C.masked(CRC32C.checksum(typed)))
    return handle.bytes
  }
}
