public import Formats

extension KeyValue {
  /// Appends the value as JSON; `null` where it is missing, and what stands for all others as its text.
  public func write(to writer: inout JSONWriter) {
    switch self {
    case .missing: writer.null()
    case .bool(let value): writer.value(value)
    case .int64(let value): writer.value(value)
    case .float64(let value): writer.value(value)
    case .string(let value): writer.value(value)
    case .other: writer.value(text)
    }
  }
}
