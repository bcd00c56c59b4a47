import Dataflow
import Expressions
import Formats

/// One row a key: the key's components, then the values.
public struct AggregateRows: Sendable {
  private let stage: AggregationStage
  private let states: GroupedStates

  init(stage: AggregationStage, states: GroupedStates) {
    self.stage = stage
    self.states = states
  }

  public var count: Int { states.keys.count }

  /// One JSON object a line, keys in canonical order; `null` for a missing component or value.
  ///
  /// A vocabulary is a list of `[token, count]`, or `[token, count, weight]` where weights differ.
  public func jsonLines() -> (bytes: [UInt8], approximations: [String]) {
    var text = TextBuffer(capacity: 64 * count)
    var bounds = Bounds()
    let columns = stage.values.map {
      $0.aggregate.readAll(states, accumulator: $0.accumulator)
    }
    let heads = MemberHeads(stage.keys + stage.values.map(\.name))
    let end = Array((heads.count == 0 ? "{}\n" : "}\n").utf8)
    for row in 0..<count {
      for position in stage.keys.indices {
        text.append(heads.bytes, heads[position])
        states.keys.component(position, of: row).write(to: &text)
      }
      for column in columns.indices {
        text.append(heads.bytes, heads[stage.keys.count + column])
        switch columns[column] {
        case .int64(let values): text.append(number: values[row])
        case .float64(let values): text.append(json: values[row])
        case .readings(let readings):
          if readings[row].errorBound != nil {
            bounds.note(stage.values[column].name, readings[row])
          }
          var writer = JSONWriter()
          readings[row].value.write(to: &writer)
          text.append(writer.bytes)
        }
      }
      text.append(end)
    }
    return (text.finish(), bounds.lines)
  }

  /// RFC 4180, `\n` line ends, a header first; a missing component or value is empty, a list its
  /// JSON text.
  public func csv() -> [UInt8] {
    var text = CSVLine(stage.keys + stage.values.map(\.name)).bytes
    for row in 0..<count {
      let keys = states.keys[row].map { field { $0.write(to: &$1) }($0) }
      let values = stage.values.map { field { $0.value.write(to: &$1) }(read($0, row)) }
      text += CSVLine(keys + values).bytes
    }
    return text
  }

  private func read(_ value: AggregationStage.Value, _ row: Int) -> AggregateReading {
    value.aggregate.read(states, accumulator: value.accumulator, cell: row + 1)
  }

  /// The text of a value in a CSV field: strings bare, missing empty, the rest as in JSON.
  private func field<Value>(
    _ write: @escaping (Value, inout JSONWriter) -> Void
  ) -> (Value) -> String {
    { value in
      if case KeyValue.string(let text)? = value as? KeyValue { return text }
      var writer = JSONWriter()
      write(value, &writer)
      return writer.text == "null" ? "" : writer.text
    }
  }
}

/// What stands before each member of an object, in one array: one of arrays would be counted up and
/// down for every member written.
private struct MemberHeads {
  let bytes: [UInt8]
  private let ends: [Int]

  init(_ names: [String]) {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for name in names {
      bytes += [ends.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ",")] + JSONKey(name).quoted
      ends.append(bytes.count)
    }
    self.bytes = bytes
    self.ends = ends
  }

  var count: Int { ends.count }

  /// Where the head of member `index` lies.
  subscript(index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }
}

/// The largest error bound of each value that has one.
private struct Bounds {
  private var largest: [String: String] = [:]

  mutating func note(_ name: String, _ reading: AggregateReading) {
    guard let bound = reading.errorBound else { return }
    largest[name] = max(largest[name] ?? "", bound)
  }

  var lines: [String] {
    largest.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      .map { "\($0.key): \($0.value)" }
  }
}

/// One line of comma-separated fields, quoted where they must be.
private struct CSVLine {
  let bytes: [UInt8]

  init(_ fields: [String]) {
    let quoted = fields.map { field in
      field.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
        ? "\"\(field.replacing("\"", with: "\"\""))\"" : field
    }
    bytes = Array((quoted.joined(separator: ",") + "\n").utf8)
  }
}

extension KeyValue {
  func write(to text: inout TextBuffer) {
    switch self {
    case .int64(let value): text.append(number: value)
    case .float64(let value): text.append(json: value)
    case .string(let value): text.append(quoted: value)
    default:
      var writer = JSONWriter()
      write(to: &writer)
      text.append(writer.bytes)
    }
  }
}

extension AggregateValue {
  func write(to writer: inout JSONWriter) {
    switch self {
    case .missing: writer.null()
    case .int64(let value): writer.value(value)
    case .float64(let value): writer.value(value)
    case .floats(let values): writer.value(values)
    case .vocabulary(let entries):
      writer.beginArray()
      for entry in entries {
        writer.beginArray()
        writer.value(utf8: entry.token)
        writer.value(entry.count)
        if entry.weight != Double(entry.count) { writer.value(entry.weight) }
        writer.endArray()
      }
      writer.endArray()
    case .table(let table):
      writer.beginArray()
      for index in 0..<table.keys.count {
        writer.beginArray()
        writer.value(utf8: table.keys[index])
        for value in table[index] { writer.value(value) }
        writer.endArray()
      }
      writer.endArray()
    }
  }
}
