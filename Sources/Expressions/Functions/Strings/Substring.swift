import Columns

extension RowFunction {
  /// As `tf.strings.substr`, but that a place outside of the text gives what there is.
  static let substr = RowFunction(
    "substr", [.required("x"), .required("pos"), .required("len")],
    "len bytes of x from pos on; counted from the end where pos is negative"
  ) { site in
    _ = try site.string(0)
    let length = try site.int("len")
    guard length >= 0 else { throw site.fail("'len' must not be negative") }
    return CompiledCall(
      type: .string, inputs: [0],
      kernel: SubstringKernel(position: try site.int("pos"), length: length))
  }
}

struct SubstringKernel: RowKernel {
  let position: Int
  let length: Int

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let texts = StringRows(inputs[0])
    let validity = inputs[0].validity
    var result = PlainStringBuilder(rowCount)
    var text: [UInt8] = []
    for row in 0..<rowCount {
      if validity.isPresent(row) {
        text.removeAll(keepingCapacity: true)
        texts.append(row, to: &text)
        let start = min(max(0, position < 0 ? text.count + position : position), text.count)
        result.bytes += text[start..<min(text.count, start + min(length, text.count))]
      }
      result.endRow()
    }
    return result.finish(validity)
  }
}
