import ByteCoding
import FileIO
import Formats
import Snapshots

/// Records as the content of an input file.
struct RecordFileWriter {
  let format: FileFormat
  /// The first line of a CSV file.
  var header: [UInt8]?

  /// - Returns: The content, and the records that a file of the format cannot hold.
  func content(of records: [KeptRecord]) -> (bytes: [UInt8], refused: [KeptRecord]) {
    var writer = ByteWriter()
    var refused: [KeptRecord] = []
    if let header { writer.append(contentsOf: header + [0x0A]) }
    for record in records {
      switch format {
      case .jsonl:
        // It would come back as two.
        if record.bytes.contains(0x0A) {
          refused.append(record)
        } else {
          writer.append(contentsOf: record.bytes + [0x0A])
        }
      case .csv:
        if record.bytes.count(where: { $0 == 0x22 }).isMultiple(of: 2) {
          writer.append(contentsOf: record.bytes + [0x0A])
        } else {
          // An open quote would take in the rows behind it.
          refused.append(record)
        }
      case .tfrecord:
        switch TFRecordState(record.bytes) {
        case .frame: writer.append(contentsOf: record.bytes)
        case .damagedFrame: refused.append(record)
        case .data: TFRecordWriter.append(record.bytes, to: &writer)
        }
      }
    }
    return (writer.bytes, refused)
  }

  /// What bytes that were set aside are to a TFRecord file.
  private enum TFRecordState {
    /// A whole record as it lies in a file.
    case frame
    /// One whose data are not what was written.
    case damagedFrame
    /// The data alone, as from a topic.
    case data

    init(_ bytes: [UInt8]) {
      var reader = ByteReader(bytes)
      do throws(ByteCodingError) {
        let length = try reader.readLittleEndian(UInt64.self)
        let check = try reader.readLittleEndian(UInt32.self)
        guard CRC32C.masked(CRC32C.checksum(bytes[..<8])) == check else {
          self = .data
          return
        }
        guard bytes.count >= 16, length == UInt64(bytes.count - 16) else {
          self = .damagedFrame
          return
        }
        let data = try reader.read(count: Int(length))
        let sum = try reader.readLittleEndian(UInt32.self)
        self = CRC32C.masked(CRC32C.checksum(data)) == sum ? .frame : .damagedFrame
      } catch { self = .data }
    }
  }
}
