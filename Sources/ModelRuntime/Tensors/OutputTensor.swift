import CModelRuntime
import Columns
import Expressions

/// A result of a model as a column.
enum OutputTensor {
  /// The first `rowCount` rows of `output`, of which a run gave `ranCount`.
  ///
  /// - Throws: ``ModelFailure`` when its shape or type is not what the model says of it.
  static func column(
    _ output: model_output, of tensor: ModelTensor, rowCount: Int, ranCount: Int
  ) throws(ModelFailure) -> Column {
    let shape = unsafe sizes(output)
    let element = unsafe ModelTensor.Element(output.element, code: -1)
    guard element == tensor.element else {
      throw ModelFailure("the output '\(tensor.name)' is of type \(element), not \(tensor.element)")
    }
    guard let first = shape.first, first == ranCount else {
      throw ModelFailure(
        "the output '\(tensor.name)' has shape \(shape) for \(ranCount) rows; its first dimension "
          + "must be the rows")
    }
    let width = shape.dropFirst().reduce(1, *)
    if tensor.isScalar, width != 1 {
      throw ModelFailure("the output '\(tensor.name)' has \(width) values a row, not one")
    }
    let elements = unsafe values(output, count: rowCount * width)
    if tensor.isScalar { return elements }
    return .list(
      ListColumn(elements: elements, offsets: (0...rowCount).map { UInt32($0 * width) }))
  }

  private static func sizes(_ output: model_output) -> [Int] {
    unsafe withUnsafeBytes(of: output.shape) { bytes in
      (0..<Int(unsafe output.rank)).map {
        Int(unsafe bytes.load(fromByteOffset: $0 * 8, as: Int64.self))
      }
    }
  }

  private static func values(_ output: model_output, count: Int) -> Column {
    func read<Value>(_ type: Value.Type) -> [Value] {
      guard let start = unsafe output.values else { return [] }
      return unsafe Array(
        UnsafeBufferPointer(start: start.assumingMemoryBound(to: type), count: count))
    }
    switch unsafe output.element {
    case MODEL_BOOL: return .bool(BoolColumn(read(UInt8.self).map { $0 != 0 }))
    case MODEL_INT32: return .int64(Int64Column(read(Int32.self).map { Int64($0) }))
    case MODEL_INT64: return .int64(Int64Column(read(Int64.self)))
    case MODEL_FLOAT32: return .float64(Float64Column(read(Float.self).map { Double($0) }))
    case MODEL_FLOAT64: return .float64(Float64Column(read(Double.self)))
    default: return unsafe text(output, count: count)
    }
  }

  private static func text(_ output: model_output, count: Int) -> Column {
    guard let bytes = unsafe output.bytes, let offsets = unsafe output.offsets else {
      preconditionFailure("a tensor of strings without strings")
    }
    let ends = unsafe Array(UnsafeBufferPointer(start: offsets, count: count + 1))
    precondition(ends[count] <= UInt64(UInt32.max), "a column of strings holds under 4 GiB")
    return .plain(
      PlainStringColumn(
        bytes: unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(ends[count]))),
        offsets: ends.map { UInt32($0) }))
  }
}
