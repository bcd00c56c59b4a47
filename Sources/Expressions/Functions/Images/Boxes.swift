import Columns

/// What is told of the boxes of a row.
enum BoxFunction: String, Sendable {
  case labels = "box_labels", scores = "box_scores", counts = "box_counts"
}

/// Boxes are lists of numbers, end to end: left, top, right, bottom, class, and of found ones score.
extension RowFunction {
  static let boxLabels = boxes(
    .labels, "of boxes there and boxes found: 1 for each that is there, 0 for others found")
  static let boxScores = boxes(
    .scores, "the scores of the boxes that box_labels tells of; 0 for those not found")
  static let boxCounts = boxes(
    .counts, "true and false positives, true and false negatives of boxes above a threshold")

  private static func boxes(_ function: BoxFunction, _ summary: String) -> RowFunction {
    RowFunction(
      function.rawValue,
      [
        .required("labels"), .required("found"), .required("class_id"),
        .optional("iou", .number(0.5)), .optional("least_area", .number(0)),
        .optional("greatest_area", .number(.greatestFiniteMagnitude)),
        .optional("most", .integer(Int64(Int32.max))),
        .optional("used", .integer(Int64(Int32.max))), .optional("threshold", .number(0.5)),
      ], summary, isElementwise: false
    ) { site in
      _ = try site.type(0, "a list of numbers", where: \.isListOfNumbers)
      _ = try site.type(1, "a list of numbers", where: \.isListOfNumbers)
      _ = try site.type(7, "an int") { $0 == .int64 }
      let (least, greatest) = (try site.double("least_area"), try site.double("greatest_area"))
      guard least <= greatest else { throw site.fail("'least_area' is above 'greatest_area'") }
      let matcher = BoxMatcher(
        classID: Double(try site.int("class_id")), leastOverlap: try site.double("iou"),
        areas: least...greatest, most: max(0, try site.int("most")))
      return CompiledCall(
        type: .list(.float64), inputs: [0, 1, 7],
        kernel: BoxKernel(
          function: function, matcher: matcher, threshold: try site.double("threshold")))
    }
  }
}

struct BoxKernel: RowKernel {
  let function: BoxFunction
  let matcher: BoxMatcher
  let threshold: Double

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let labels = NumberLists(inputs[0])
    let found = NumberLists(inputs[1])
    let used = inputs[2].integers()
    let validity = inputs.commonValidity(rowCount)
    return ListColumn.numbers(rowCount, validity) { row in
      // As in TFMA, a number of 0 or less says nothing.
      let count = used[row] > 0 ? Int(used[row]) : Int(Int32.max)
      let boxes = found.values[found.range(row)].prefix(count * BoxMatcher.foundWidth)
      return matcher.outcomes(labels.values[labels.range(row)], boxes).map(numbers)
    }
  }

  private func numbers(_ outcomes: [BoxMatcher.Outcome]) -> [Double] {
    switch function {
    case .labels: return outcomes.map { $0.isThere ? 1 : 0 }
    case .scores: return outcomes.map(\.score)
    case .counts:
      var counts = [0.0, 0, 0, 0]
      for outcome in outcomes {
        let isAbove = outcome.score > threshold
        counts[isAbove ? (outcome.isThere ? 0 : 1) : (outcome.isThere ? 3 : 2)] += 1
      }
      return counts
    }
  }
}
