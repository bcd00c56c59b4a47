import Formats

/// Writes lines of `metrics.jsonl` from parts that are JSON already.
///
/// A snapshot has thousands of lines that differ in a few numbers; `JSONWriter` makes the parts
/// that repeat and whatever is not a number.
struct MetricLineWriter {
  private(set) var bytes: [UInt8] = []

  private static let value = Array(#","value":"#.utf8)
  private static let bound = Array(#","bound":"#.utf8)
  private static let examples = Array(#","examples":"#.utf8)
  private static let weight = Array(#","weight":"#.utf8)

  /// Appends the line of `metric`; `head` is its `"slice":…`, `middle` the members up to its value.
  mutating func append(_ metric: MetricResult, head: [UInt8], middle: [UInt8]) {
    bytes.append(0x7B)
    bytes.append(contentsOf: head)
    bytes.append(0x2C)
    bytes.append(contentsOf: middle)
    bytes.append(contentsOf: Self.value)
    if case .number(let number) = metric.value {
      append(number)
    } else {
      bytes.append(contentsOf: metric.value.json)
    }
    if let bound = metric.bound {
      bytes.append(contentsOf: Self.bound)
      append(bound)
    }
    bytes.append(contentsOf: Self.examples)
    append(metric.examples)
    bytes.append(contentsOf: Self.weight)
    append(metric.weight)
    bytes.append(0x7D)
    bytes.append(0x0A)
  }

  /// What `JSONWriter` writes for a double; whole numbers, which most are, without `description`.
  private mutating func append(_ number: Double) {
    if number.magnitude < 0x1p53, number == number.rounded(.towardZero),
      number.sign == .plus || number != 0
    {
      append(Int64(number))
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

  private mutating func append(_ number: Int64) {
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
