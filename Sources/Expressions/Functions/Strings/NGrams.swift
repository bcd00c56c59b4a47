import Columns

extension RowFunction {
  /// As TFT's `ngrams`: for each place in the list, the runs that begin there, the shortest first.
  ///
  /// Missing elements are left out before.
  static let ngrams = RowFunction(
    "ngrams", [.required("tokens"), .required("ngram_range"), .required("separator")],
    "runs of neighbouring strings, from ngram_range[0] to ngram_range[1] long, joined",
    isElementwise: false
  ) { site in
    _ = try site.type(0, "a list of strings") { $0 == .list(.string) }
    let range: [Int] = try site.constant("ngram_range", "a list of two integers as a") { value in
      guard case .list(let elements) = value, elements.count == 2 else { return nil }
      let bounds = elements.compactMap { if case .int64(let n) = $0 { Int(n) } else { nil } }
      return bounds.count == 2 ? bounds : nil
    }
    guard range[0] >= 1, range[0] <= range[1], range[1] <= 64 else {
      throw site.fail("'ngram_range' must be [least, most] with 1 ≤ least ≤ most ≤ 64")
    }
    return CompiledCall(
      type: .list(.string), inputs: [0],
      kernel: NGramsKernel(
        sizes: range[0]...range[1], separator: Array(try site.text("separator").utf8)))
  }
}

struct NGramsKernel: RowKernel {
  let sizes: ClosedRange<Int>
  let separator: [UInt8]

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    guard case .list(let list) = inputs[0] else { preconditionFailure("not a list column") }
    let words = StringRows(list.elements)
    let present = list.elements.validity
    var grams = PlainStringBuilder(2 * list.elements.rowCount)
    var offsets: [UInt32] = [0]
    var count: UInt32 = 0
    for row in 0..<rowCount {
      if list.validity.isPresent(row) {
        let range = Int(list.offsets[row])..<Int(list.offsets[row + 1])
        count += UInt32(append(range.filter(present.isPresent), of: words, to: &grams))
      }
      offsets.append(count)
    }
    let elements = grams.finish(Validity(allPresent: Int(count)))
    return .list(ListColumn(elements: elements, offsets: offsets, validity: list.validity))
  }

  /// Appends the runs of one row; returns how many.
  private func append(
    _ places: [Int], of words: StringRows, to grams: inout PlainStringBuilder
  ) -> Int {
    var count = 0
    for start in places.indices {
      for size in sizes where start + size <= places.count {
        for (index, place) in places[start..<start + size].enumerated() {
          if index > 0 { grams.bytes.append(contentsOf: separator) }
          words.append(place, to: &grams.bytes)
        }
        grams.endRow()
        count += 1
      }
    }
    return count
  }
}
