import Columns

extension RowFunction {
  /// Source: TFMA `set_match_confusion_matrix_metrics.py`, `preprocessors/set_match_preprocessor.py`.
  static let setMatch = RowFunction(
    "set_match",
    [
      .required("labels"), .required("classes"), .required("scores"), .required("threshold"),
      .required("top_k"),
    ],
    "how many of the labels are among the classes that score above a threshold and among the k "
      + "best, how many of these are no label, and how many labels are not among them",
    isElementwise: false
  ) { site in
    _ = try site.type(0, "a list of strings") { $0 == .list(.string) }
    _ = try site.type(1, "a list of strings") { $0 == .list(.string) }
    _ = try site.type(2, "a list of numbers", where: \.isListOfNumbers)
    return CompiledCall(
      type: .list(.float64), inputs: [0, 1, 2],
      kernel: SetMatchKernel(threshold: try site.double("threshold"), k: try site.int("top_k")))
  }
}

struct SetMatchKernel: RowKernel {
  let threshold: Double
  let k: Int

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let labels = References(inputs[0])
    let classes = References(inputs[1])
    let scores = NumberLists(inputs[2])
    var validity = inputs.commonValidity(rowCount)
    var counts = [Double](repeating: 0, count: 3 * rowCount)
    var missing: [Int] = []
    for row in 0..<rowCount where validity.isPresent(row) {
      let (names, values) = (classes[row], Array(scores.values[scores.range(row)]))
      guard names.count == values.count else {
        missing.append(row)
        continue
      }
      let ranked = names.indices.sorted { (values[$1], $0) < (values[$0], $1) }.prefix(k)
      let predicted = Set(ranked.filter { values[$0] > threshold }.map { names[$0] })
      let wanted = Set(labels[row])
      let hits = predicted.intersection(wanted).count
      counts[3 * row] = Double(hits)
      counts[3 * row + 1] = Double(predicted.count - hits)
      counts[3 * row + 2] = Double(wanted.count - hits)
    }
    validity = validity.excluding(missing)
    return ListColumn.numbers(counts, width: 3, validity: validity)
  }
}
