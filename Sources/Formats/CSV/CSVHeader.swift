internal import Columns

/// Which column of the projection each field of a record holds.
struct CSVHeader {
  /// For each field its column, or −1.
  let columns: [Int]
  /// Columns of the schema that no field holds, by position.
  let missingPositions: [Int]
  let missing: [String]
  /// Why no record of the file can be read.
  let fault: RowFault?

  static let none = CSVHeader(columns: [], missingPositions: [], missing: [], fault: nil)

  /// Reads the record at `start`.
  init(_ bytes: PaddedBytes, _ start: Int, _ schema: Schema, _ options: CSVOptions) {
    do throws(RowFault) {
      let names = try Self.names(bytes, start, options)
      var last: [String: Int] = [:]
      for (field, name) in names.enumerated() { last[name] = field }
      columns = names.enumerated().map { field, name in
        last[name] == field ? schema.position(of: name) ?? -1 : -1
      }
      missingPositions = schema.fields.indices.filter { last[schema.fields[$0].name] == nil }
      missing = missingPositions.map { schema.fields[$0].name }
      fault = nil
    } catch {
      columns = []
      missingPositions = []
      missing = []
      fault = RowFault("the header cannot be read: \(error.description)")
    }
  }

  private init(columns: [Int], missingPositions: [Int], missing: [String], fault: RowFault?) {
    self.columns = columns
    self.missingPositions = missingPositions
    self.missing = missing
    self.fault = fault
  }

  private static func names(
    _ bytes: PaddedBytes, _ start: Int, _ options: CSVOptions
  ) throws(RowFault) -> [String] {
    var tokenizer = CSVTokenizer(bytes, separator: options.separator)
    var names: [String] = []
    var at = start
    while true {
      let field = try tokenizer.field(at)
      let valid = bytes.endOfUTF8(from: field.start, to: field.end)
      guard valid == field.end else { throw RowFault("invalid UTF-8 at byte \(valid - start)") }
      let text = String(decoding: bytes.array(field.start..<field.end), as: UTF8.self)
      names.append(field.hasDoubledQuotes ? undoubled(text) : text)
      guard field.next < bytes.count, bytes.byte(field.next) == options.separator else {
        return names
      }
      at = field.next + 1
    }
  }

  private static func undoubled(_ text: String) -> String {
    var result = ""
    var isSecond = false
    for character in text.unicodeScalars {
      isSecond = character == "\"" && !isSecond
      if !isSecond { result.unicodeScalars.append(character) }
    }
    return result
  }
}
