import Columns

/// Joins the columns of values with those messages have beside them.
struct MessageColumnBuilder {
  private enum Place {
    /// A column of the values.
    case value(Int)
    case message(MessageColumn)
    /// The text column of this number in the layout; ids of the dictionary, if there is one.
    case text(Int, StringDictionary?)
  }

  /// The fields that the values hold.
  let valueSchema: Schema
  let hasMessageColumns: Bool
  private let schema: Schema
  private let places: [Place]
  private let topic: String
  private let topicDictionary = StringDictionary()

  init(_ schema: Schema, layout: MessageLayout, topic: String) {
    var fields: [Field] = []
    places = schema.fields.map { field in
      guard let column = MessageColumn(named: field.name) else {
        fields.append(field)
        return .value(fields.count - 1)
      }
      guard let number = layout.texts.firstIndex(of: column) else { return .message(column) }
      return .text(number, field.encoding == .dictionary ? StringDictionary() : nil)
    }
    valueSchema = Schema(fields)
    hasMessageColumns = fields.count < schema.fields.count
    self.schema = schema
    self.topic = topic
  }

  /// `values` with the columns of the messages its rows come from.
  func batch(_ values: RecordBatch, of messages: [Int], in block: MessageBlock?) -> RecordBatch {
    guard hasMessageColumns else { return values }
    let columns = places.enumerated().map { index, place in
      switch place {
      case .value(let number): values.columns[number]
      case .message(let column): self.column(column, schema.fields[index], messages, block)
      case .text(let number, let dictionary): text(number, dictionary, messages, block)
      }
    }
    return RecordBatch(schema: schema, rowCount: values.rowCount, columns: columns)
  }

  private func column(
    _ column: MessageColumn, _ field: Field, _ messages: [Int], _ block: MessageBlock?
  ) -> Column {
    guard let block else {
      return field.type == .string
        ? string(PlainStringColumn(bytes: [], offsets: [0]), field) : .int64(Int64Column([Int64]()))
    }
    switch column {
    case .offset:
      return .int64(
        Int64Column(messages.map { Int64(block.firstOffset + block.messages[$0].position) }))
    case .partition:
      return .int64(Int64Column([Int64](repeating: Int64(block.partition), count: messages.count)))
    case .timestamp:
      let times = messages.map { block.messages[$0].timestamp }
      return .int64(
        Int64Column(times, validity: Validity(times.map { $0 != .min })))
    case .topic, .key, .header:
      let bytes = Array(topic.utf8)
      let offsets = (0...messages.count).map { UInt32($0 * bytes.count) }
      let all = Array(repeatElement(bytes, count: messages.count).joined())
      return string(PlainStringColumn(bytes: all, offsets: offsets), field)
    }
  }

  private func string(_ column: PlainStringColumn, _ field: Field) -> Column {
    field.encoding == .plain ? .plain(column) : .string(column.interned(in: topicDictionary))
  }

  private func text(
    _ number: Int, _ dictionary: StringDictionary?, _ messages: [Int], _ block: MessageBlock?
  ) -> Column {
    var bytes: [UInt8] = []
    var offsets: [UInt32] = [0]
    var isPresent: [Bool] = []
    for message in messages {
      let range = block?.textRanges[number][message]
      if let range, let block { bytes += block.text[range] }
      offsets.append(UInt32(bytes.count))
      isPresent.append(range != nil)
    }
    let column = PlainStringColumn(bytes: bytes, offsets: offsets, validity: Validity(isPresent))
    return dictionary.map { .string(column.interned(in: $0)) } ?? .plain(column)
  }
}
