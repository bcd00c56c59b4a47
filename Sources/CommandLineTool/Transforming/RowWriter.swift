import Columns
import EventTime
import Formats

/// Turns batches into bytes of an output format.
struct RowWriter {
  private enum Encoder {
    case jsonl
    case csv
    case tfrecord(TFExampleEncoder)
  }

  private let schema: Schema
  private let encoder: Encoder

  init(_ format: RowFormat, schema: Schema) {
    self.schema = schema
    switch format {
    case .jsonl: encoder = .jsonl
    case .csv: encoder = .csv
    case .tfrecord: encoder = .tfrecord(TFExampleEncoder(schema))
    }
  }

  /// What stands before the first row.
  var header: [UInt8] {
    guard case .csv = encoder else { return [] }
    return CSVLine.bytes(schema.fields.map(\.name))
  }

  func bytes(_ batch: RecordBatch) -> [UInt8] {
    switch encoder {
    case .jsonl: jsonLines(batch)
    case .csv: csv(batch)
    case .tfrecord(let encoder): encoder.records(batch)
    }
  }

  private func jsonLines(_ batch: RecordBatch) -> [UInt8] {
    var writer = JSONWriter()
    for row in 0..<batch.rowCount {
      writer.beginObject()
      for (field, column) in zip(schema.fields, batch.columns) {
        writer.key(field.name)
        write(column, row, field.type, to: &writer)
      }
      writer.endObject()
      writer.newline()
    }
    return writer.bytes
  }

  /// Missing values are empty, lists are their JSON text.
  private func csv(_ batch: RecordBatch) -> [UInt8] {
    var bytes: [UInt8] = []
    for row in 0..<batch.rowCount {
      bytes += CSVLine.bytes(
        zip(schema.fields, batch.columns).map { field, column in
          guard column.validity.isPresent(row) else { return "" }
          if let text = Self.text(column, row) { return text }
          if field.type == .timestamp { return Self.time(column, row) }
          var writer = JSONWriter()
          write(column, row, field.type, to: &writer)
          return writer.text.trimming("\"")
        })
    }
    return bytes
  }

  private func write(
    _ column: Column, _ row: Int, _ type: DataType, to writer: inout JSONWriter
  ) {
    guard column.validity.isPresent(row) else { return writer.null() }
    switch column {
    case .bool(let column): writer.value(column.values[row])
    case .float64(let column): writer.value(column.values[row])
    case .int64(let values):
      if type == .timestamp {
        writer.value(Self.time(column, row))
      } else {
        writer.value(values.values[row])
      }
    case .string(let column): writer.value(column.dictionary.string(column.ids[row]))
    case .plain(let column):
      writer.value(
        utf8: column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])])
    case .list(let list):
      let element: DataType = if case .list(let element) = type { element } else { type }
      writer.beginArray()
      for index in Int(list.offsets[row])..<Int(list.offsets[row + 1]) {
        write(list.elements, index, element, to: &writer)
      }
      writer.endArray()
    }
  }

  private static func text(_ column: Column, _ row: Int) -> String? {
    switch column {
    case .string(let column): column.dictionary.string(column.ids[row])
    case .plain(let column):
      String(
        decoding: column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])],
        as: UTF8.self)
    default: nil
    }
  }

  private static func time(_ column: Column, _ row: Int) -> String {
    guard case .int64(let column) = column else { return "" }
    return Timestamp(microseconds: column.values[row]).description
  }
}

/// The formats that transformed rows are written in.
enum RowFormat: String, CaseIterable {
  case jsonl, csv, tfrecord
}

/// One line of RFC 4180, ended by `\n`.
private enum CSVLine {
  static func bytes(_ fields: [String]) -> [UInt8] {
    let quoted = fields.map { field in
      field.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        ? "\"\(field.replacing("\"", with: "\"\""))\"" : field
    }
    return Array((quoted.joined(separator: ",") + "\n").utf8)
  }
}

extension String {
  /// NaN and the infinities are strings in JSON, and bare in CSV.
  fileprivate func trimming(_ quote: Character) -> String {
    count >= 2 && first == quote && last == quote ? String(dropFirst().dropLast()) : self
  }
}
