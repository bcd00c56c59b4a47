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
  private static let labelBounds = Array(#","label_bounds":"#.utf8)
  private static let examples = Array(#","examples":"#.utf8)
  private static let weight = Array(#","weight":"#.utf8)

  /// A writer with room for `lineCount` lines of usual length.
  init(lineCount: Int = 0) { buffer = TextBuffer(capacity: 192 * lineCount) }

  /// The lines written.
  consuming func finish() -> [UInt8] { buffer.finish() }

  /// Appends the line of `metrics[index]`; `head` is its slice, `middle` the rest up to its value.
  ///
  /// Of a metric that is passed on its own all is copied.
  mutating func append(
    _ metrics: Span<MetricResult>, _ index: Int, head: JSONWriter, middle: [UInt8]
  ) {
    buffer.append(head)
    buffer.append(middle)
    switch metrics[index].value {
    case .number(let number): buffer.append(json: number)
    case let value: buffer.append(value.json)
    }
    if let bound = metrics[index].bound {
      buffer.append(Self.bound)
      buffer.append(json: bound)
    }
    if let interval = metrics[index].interval {
      buffer.append(Self.interval)
      buffer.append(json: interval.lowerBound)
      buffer.append(byte: 0x2C)
      buffer.append(json: interval.upperBound)
      buffer.append(byte: 0x5D)
    }
    if let bounds = metrics[index].labelBounds { append(bounds) }
    let (examples, weight) = (metrics[index].examples, metrics[index].weight)
    let numbers = (examples, weight.bitPattern)
    if tailNumbers.map({ $0 != numbers }) ?? true {
      tailNumbers = numbers
      tail.truncate()
      tail.append(Self.examples)
      tail.append(number: examples)
      tail.append(Self.weight)
      tail.append(json: weight)
      tail.append(byte: 0x7D)
      tail.append(byte: 0x0A)
    }
    buffer.append(tail)
  }

  private mutating func append(_ bounds: LabelBounds) {
    buffer.append(Self.labelBounds)
    guard let range = bounds.range else { return buffer.append(Array("null".utf8)) }
    buffer.append(byte: 0x5B)
    buffer.append(json: range.lowerBound)
    buffer.append(byte: 0x2C)
    buffer.append(json: range.upperBound)
    buffer.append(byte: 0x5D)
  }
}
