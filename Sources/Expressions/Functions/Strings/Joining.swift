import Columns

extension RowFunction {
  /// Missing where any part is. Ids of a dictionary of its own if every part has ids, else plain.
  static let concat = RowFunction(
    "concat", [.variadic("parts"), .keyword("separator", .string(""))],
    "the parts one after another, as tf.strings.join", isElementwise: false
  ) { site in
    let count = site.arguments.count - 1
    for index in 0..<count { _ = try site.string(index) }
    return CompiledCall(
      type: .string, inputs: Array(0..<count),
      kernel: ConcatKernel(separator: Array(try site.text("separator").utf8)))
  }

  /// Missing elements are left out.
  static let join = RowFunction(
    "join", [.required("list"), .optional("sep", .string(""))],
    "the strings of a list, with the separator between them", isElementwise: false
  ) { site in
    _ = try site.type(0, "a list of strings") { $0 == .list(.string) }
    return CompiledCall(
      type: .string, inputs: [0], kernel: JoinKernel(separator: Array(try site.text("sep").utf8)))
  }
}

struct ConcatKernel: RowKernel {
  let separator: [UInt8]
  private var output: StringDictionary?

  init(separator: [UInt8]) { self.separator = separator }

  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let parts = inputs.map(StringRows.init)
    let validity = inputs.commonValidity(rowCount)
    let haveIDs = inputs.allSatisfy { if case .string = $0 { true } else { false } }
    return haveIDs ? interned(parts, validity) : plain(parts, validity)
  }

  private mutating func interned(_ parts: [StringRows], _ validity: Validity) -> Column {
    let dictionary = output ?? StringDictionary()
    output = dictionary
    var ids = [UInt32](repeating: dictionary.intern(""), count: validity.count)
    var text: [UInt8] = []
    for row in 0..<validity.count where validity.isPresent(row) {
      text.removeAll(keepingCapacity: true)
      append(parts, row, to: &text)
      ids[row] = dictionary.intern(bytes: text[...])
    }
    return .string(StringColumn(ids: ids, dictionary: dictionary, validity: validity))
  }

  private func plain(_ parts: [StringRows], _ validity: Validity) -> Column {
    var text = PlainStringBuilder(validity.count)
    for row in 0..<validity.count {
      if validity.isPresent(row) { append(parts, row, to: &text.bytes) }
      text.endRow()
    }
    return text.finish(validity)
  }

  private func append(_ parts: [StringRows], _ row: Int, to text: inout [UInt8]) {
    for (index, part) in parts.enumerated() {
      if index > 0 { text.append(contentsOf: separator) }
      part.append(row, to: &text)
    }
  }
}

struct JoinKernel: RowKernel {
  let separator: [UInt8]

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    guard case .list(let list) = inputs[0] else { preconditionFailure("not a list column") }
    let elements = StringRows(list.elements)
    let present = list.elements.validity
    var text = PlainStringBuilder(rowCount)
    for row in 0..<rowCount {
      var isFirst = true
      if list.validity.isPresent(row) {
        for element in Int(list.offsets[row])..<Int(list.offsets[row + 1])
        where present.isPresent(element) {
          if !isFirst { text.bytes.append(contentsOf: separator) }
          isFirst = false
          elements.append(element, to: &text.bytes)
        }
      }
      text.endRow()
    }
    return text.finish(list.validity)
  }
}
