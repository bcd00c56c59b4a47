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
      Self.append(metric.examples, to: &tail)
      tail.append(contentsOf: Self.weight)
      Self.append(metric.weight, to: &tail)
      tail.append(0x7D)
      tail.append(0x0A)
    }
    bytes.append(contentsOf: tail)
  }

  /// What `JSONWriter` writes for a double; whole numbers, which many are, without `description`.
  private static func append(_ number: Double, to bytes: inout [UInt8]) {
    if number.magnitude < 0x1p53, Double(Int64(number)) == number,
      number.sign == .plus || number != 0
    {
      append(Int64(number), to: &bytes)
      bytes.append(0x2E)
      bytes.append(0x30)
    } else if number.isFinite {
      bytes.append(contentsOf: number.description.utf8)
    } else {
      var writer = JSONWriter()
      writer.value(number)
      bytes.append(contentsOf: writer.bytes)
    }
  }

  private static func append(_ number: Int64, to bytes: inout [UInt8]) {
    if number < 0 { bytes.append(0x2D) }
    var rest = number.magnitude
    let start = bytes.count
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      bytes.append(0x30 + UInt8(truncatingIfNeeded: digit))
      rest = quotient
    } while rest != 0
    bytes[start...].reverse()
  }
}
