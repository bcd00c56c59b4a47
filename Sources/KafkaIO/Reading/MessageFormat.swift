import Columns
import Formats

/// What the value of a message is.
public enum MessageFormat: Hashable, Sendable {
  /// One JSON object.
  case json
  /// One CSV record, without a header: the columns are these.
  case csv(columns: [String])
  /// One serialized `tf.Example`.
  case tfExample

  /// A decoder of the columns of `schema`.
  func makeDecoder(_ schema: Schema) -> any RecordDecoder {
    switch self {
    case .json: return JSONLDecoder(schema)
    case .csv(let columns):
      var decoder = CSVDecoder(schema)
      decoder.resumeFile(head: PaddedBuffer(Self.header(columns)))
      return decoder
    case .tfExample: return TFExampleDecoder(schema)
    }
  }

  /// The record that names the columns of a CSV file.
  static func header(_ columns: [String]) -> [UInt8] {
    let names = columns.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }
    return Array((names.joined(separator: ",") + "\n").utf8)
  }
}
