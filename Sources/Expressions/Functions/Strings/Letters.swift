import Columns

/// Rewrites a string byte by byte.
enum LetterOperation: String, Sendable {
  case lower, upper, strip

  /// Appends the rewritten bytes.
  func append(_ bytes: ArraySlice<UInt8>, to result: inout [UInt8]) {
    switch self {
    case .lower:
      for byte in bytes { result.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) }
    case .upper:
      for byte in bytes { result.append(byte >= 0x61 && byte <= 0x7A ? byte & ~0x20 : byte) }
    case .strip:
      guard let from = bytes.firstIndex(where: { !ASCIISpace.contains($0) }),
        let to = bytes.lastIndex(where: { !ASCIISpace.contains($0) })
      else { return }
      result.append(contentsOf: bytes[from...to])
    }
  }
}

/// Space, tab, line feed, vertical tab, form feed, carriage return.
enum ASCIISpace {
  static func contains(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
}

extension RowFunction {
  static let lower = letters(.lower, "ASCII letters in lower case, as tf.strings.lower")
  static let upper = letters(.upper, "ASCII letters in upper case, as tf.strings.upper")
  static let strip = letters(.strip, "without ASCII space at both ends, as tf.strings.strip")

  private static func letters(_ operation: LetterOperation, _ summary: String) -> RowFunction {
    RowFunction(operation.rawValue, [.required("x")], summary) { site in
      _ = try site.string(0)
      return CompiledCall(
        type: .string, inputs: [0], kernel: LetterKernel(operation: operation))
    }
  }
}

struct LetterKernel: RowKernel {
  let operation: LetterOperation
  private var output: StringDictionary?
  private var cache = DictionaryCache<UInt32>()

  init(operation: LetterOperation) { self.operation = operation }

  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    switch inputs[0] {
    case .string(let column): return .string(mapped(column))
    case .plain(let column):
      var text = PlainStringBuilder(rowCount)
      for row in 0..<rowCount {
        operation.append(
          column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])], to: &text.bytes)
        text.endRow()
      }
      return text.finish(column.validity)
    default: preconditionFailure("not a column of strings")
    }
  }

  private mutating func mapped(_ column: StringColumn) -> StringColumn {
    let dictionary = output ?? StringDictionary()
    output = dictionary
    let blank = dictionary.intern("")
    let ids = cache.map(column, filler: blank) { source, id in
      var text: [UInt8] = []
      operation.append(source.bytes(id)[...], to: &text)
      return dictionary.intern(bytes: text[...])
    }
    return StringColumn(ids: ids, dictionary: dictionary, validity: column.validity)
  }
}
