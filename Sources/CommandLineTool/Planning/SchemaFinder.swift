import Columns
import FileIO
import Formats

/// Learns the columns of files from their first records.
struct SchemaFinder {
  let format: FileFormat
  let splits: [String]

  /// The columns of the first file that has any records.
  func found() throws -> [Field] {
    for split in splits {
      let reader = try FileSplitReader(path: split, framing: format.framing)
      let head = try reader.head(targetBytes: 256 << 10)
      let bytes = head.copy(0..<head.count)
      var inference = SchemaInference()
      switch format {
      case .jsonl: inference.observe(jsonLines: bytes)
      case .csv: inference.observe(csv: bytes)
      case .tfrecord: inference.observe(tfRecords: bytes)
      }
      if !inference.schema.fields.isEmpty { return inference.schema.fields }
    }
    return []
  }
}
