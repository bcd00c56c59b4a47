import Formats

/// Writes lines of `metrics.jsonl` from parts that are JSON already.
///
/// A snapshot has thousands of lines that differ in a few numbers; `JSONWriter` makes the parts
/// that repeat and whatever is not a number.
struct MetricLineWriter {
  private(set) var bytes: [UInt8] = []
  /// The end of the last line, which the next one often shares, and what it says.
  private var tail: [UInt8] = []
  private var tailNumbers: (examples: Int64, weight: UInt64)?

  private static let bound = Array(#","bound":"#.utf8)
  private static let examples = Array(#","examples":"#.utf8)
  private static let weight = Array(#","weight":"#.utf8)

  /// A writer with room for `lineCount` lines of usual length.
  init(lineCount: Int = 0) { bytes.reserveCapacity(192 * lineCount) }

  /// Appends the line of `metric`; `head` is what stands before its model, `middle` the rest up to
  /// its value.
  mutating func append(_ metric: MetricResult, head: [UInt8], middle: [UInt8]) {
    bytes.append(contentsOf: head)
    bytes.append(contentsOf: middle)
    if case .number(let number) = metric.value {
      Self.append(number, to: &bytes)
    } else {
      bytes.append(contentsOf: metric.value.json)
    }
    if let bound = metric.bound {
      bytes.append(contentsOf: Self.bound)
      Self.append(bound, to: &bytes)
    }
    let numbers = (metric.examples, metric.weight.bitPattern)
    if tailNumbers.map({ $0 != numbers }) ?? true {
      tailNumbers = numbers
      tail.removeAll(keepingCapacity: true)
      tail.append(contentsOf: Self.examples)
      JSONNumber.append(metric.examples, to: &tail)
      tail.append(contentsOf: Self.weight)
      Self.append(metric.weight, to: &tail)
      tail.append(0x7D)
      tail.append(0x0A)
    }
    bytes.append(contentsOf: tail)
  }

  /// What `JSONWriter` writes for a double.
  private static func append(_ number: Double, to bytes: inout [UInt8]) {
    if number.isFinite {
      JSONNumber.append(number, to: &bytes)
    } else {
      var writer = JSONWriter()
      writer.value(number)
      bytes.append(contentsOf: writer.bytes)
    }
  }
}
