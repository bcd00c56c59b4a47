import Columns
import FileIO
import Formats

/// Learns the columns of the input from its first records.
struct SchemaFinder {
  let format: FileFormat
  let splits: [String]

  /// The columns given, then those found in the data that were not given.
  func schema(given: [Field]) throws -> (schema: Schema, inferred: [Field]) {
    let names = Set(given.map(\.name))
    let inferred = try found().filter { !names.contains($0.name) }
    return (Schema(given + inferred), inferred)
  }

  /// The columns of the first file that has any records.
  func found() throws -> [Field] {
    for split in splits {
      let reader = try FileSplitReader(path: split, framing: format.framing)
      let head = try reader.head(targetBytes: 1 << 20)
      let fields = SchemaInference.fields(of: head, format)
      if !fields.isEmpty { return fields }
    }
    return []
  }
}
