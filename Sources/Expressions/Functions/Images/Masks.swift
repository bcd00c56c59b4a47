import Columns

extension RowFunction {
  /// Source: TFMA 0.52 `semantic_segmentation_confusion_matrix_metrics.py`.
  static let maskCounts = RowFunction(
    "mask_counts",
    [
      .required("labels"), .required("found"), .required("class_id"),
      .optional("ignored", .integer(-1)),
    ],
    "of two lists with the class of each pixel: true and false positives, true and false "
      + "negatives of one class; what is labelled as the ignored class is never false or negative",
    isElementwise: false
  ) { site in
    _ = try site.type(0, "a list of numbers", where: \.isListOfNumbers)
    _ = try site.type(1, "a list of numbers", where: \.isListOfNumbers)
    return CompiledCall(
      type: .list(.float64), inputs: [0, 1],
      kernel: MaskKernel(
        classID: Double(try site.int("class_id")), ignored: Double(try site.int("ignored"))))
  }

  static let interleave = RowFunction(
    "interleave", [.variadic("lists")],
    "the first number of each list, then the second of each, and so on; missing unless all are of "
      + "one length", isElementwise: false
  ) { site in
    for index in site.arguments.indices {
      _ = try site.type(index, "a list of numbers", where: \.isListOfNumbers)
    }
    return CompiledCall(
      type: .list(.float64), inputs: Array(site.arguments.indices), kernel: InterleavingKernel())
  }
}

struct MaskKernel: RowKernel {
  let classID: Double
  let ignored: Double

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let labels = NumberLists(inputs[0])
    let found = NumberLists(inputs[1])
    let validity = inputs.commonValidity(rowCount)
    var counts = [Double](repeating: 0, count: 4 * rowCount)
    var missing: [Int] = []
    for row in 0..<rowCount where validity.isPresent(row) {
      let (there, seen) = (labels.values[labels.range(row)], found.values[found.range(row)])
      guard there.count == seen.count else {
        missing.append(row)
        continue
      }
      for (label, pixel) in zip(there, seen) {
        let isFound = pixel == classID
        if label == classID {
          counts[4 * row + (isFound ? 0 : 3)] += 1
        } else if label != ignored {
          counts[4 * row + (isFound ? 1 : 2)] += 1
        }
      }
    }
    return ListColumn.numbers(counts, width: 4, validity: validity.excluding(missing))
  }
}

struct InterleavingKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let lists = inputs.map { NumberLists($0) }
    let validity = inputs.commonValidity(rowCount)
    return ListColumn.numbers(rowCount, validity) { row in
      let rows = lists.map { $0.values[$0.range(row)] }
      let count = rows.first?.count ?? 0
      guard rows.allSatisfy({ $0.count == count }) else { return nil }
      return (0..<count).flatMap { place in rows.map { $0[$0.startIndex + place] } }
    }
  }
}
