import Formats

/// Writes lines of `metrics.jsonl` from parts that are JSON already.
///
/// A snapshot has thousands of lines that differ in a few numbers; `JSONWriter` makes the parts
/// that repeat and whatever is not a number.
struct MetricLineWriter {
  private var buffer: TextBuffer
  /// The end of the last line, which the next one often shares, and what it says.
  private var tail = TextBuffer()
  private var tailNumbers: (examples: Int64, weight: UInt64)?

  private static let bound = Array(#","bound":"#.utf8)
  private static let interval = Array(#","interval":["#.utf8)
  private static let examples = Array(#","examples":"#.utf8)
  private static let weight = Array(#","weight":"#.utf8)

  /// A writer with room for `lineCount` lines of usual length.
  init(lineCount: Int = 0) { buffer = TextBuffer(capacity: 192 * lineCount) }

  var bytes: [UInt8] { buffer.bytes }

  /// Appends the line of `metric`; `head` is what stands before its model, `middle` the rest up to
  /// its value.
  mutating func append(_ metric: MetricResult, head: [UInt8], middle: [UInt8]) {
    buffer.append(head)
    buffer.append(middle)
    if case .number(let number) = metric.value {
      Self.append(number, to: &buffer)
    } else {
      buffer.append(metric.value.json)
    }
    if let bound = metric.bound {
      buffer.append(Self.bound)
      Self.append(bound, to: &buffer)
    }
    if let interval = metric.interval {
      buffer.append(Self.interval)
      Self.append(interval.lowerBound, to: &buffer)
      buffer.append(byte: 0x2C)
      Self.append(interval.upperBound, to: &buffer)
      buffer.append(byte: 0x5D)
    }
    let numbers = (metric.examples, metric.weight.bitPattern)
    if tailNumbers.map({ $0 != numbers }) ?? true {
      tailNumbers = numbers
      tail.truncate()
      tail.append(Self.examples)
      tail.append(number: metric.examples)
      tail.append(Self.weight)
      Self.append(metric.weight, to: &tail)
      tail.append(byte: 0x7D)
      tail.append(byte: 0x0A)
    }
    buffer.append(tail)
  }

  /// What `JSONWriter` writes for a double.
  private static func append(_ number: Double, to buffer: inout TextBuffer) {
    if number.isFinite {
      buffer.append(number: number)
    } else {
      var writer = JSONWriter()
      writer.value(number)
      buffer.append(writer.bytes)
    }
  }
}
