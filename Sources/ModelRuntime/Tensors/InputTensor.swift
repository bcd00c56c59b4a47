import CModelRuntime
import Columns
import Expressions

/// A column as the tensor that a model takes.
struct InputTensor {
  private enum Values {
    case bytes([UInt8])
    case int32([Int32])
    case int64([Int64])
    case float32([Float])
    case float64([Double])
    case strings(bytes: [UInt8], offsets: [UInt64])
  }

  private let values: Values
  private let shape: [Int64]
  private let count: Int

  /// - Parameters:
  ///   - column: All rows present; lists of one length.
  ///   - tensor: What the model says of the input.
  ///   - rows: Which rows of the column, in their order.
  init(_ column: Column, for tensor: ModelTensor, rows: [Int]) {
    var elements = column
    var places = rows
    var width: Int?
    if case .list(let list) = column {
      let length = list.offsets.count > 1 ? Int(list.offsets[1] - list.offsets[0]) : 0
      width = length
      elements = list.elements
      places = rows.flatMap { Int(list.offsets[$0])..<Int(list.offsets[$0]) + length }
    }
    shape = Self.shape(tensor.shape, rows: rows.count, width: width)
    count = places.count
    switch tensor.element {
    case .bool: values = .bytes(elements.integers(places).map { $0 == 0 ? 0 : 1 })
    case .int32: values = .int32(elements.integers(places).map { Int32(truncatingIfNeeded: $0) })
    case .int64: values = .int64(elements.integers(places))
    case .float32: values = .float32(elements.doubles(places).map { Float($0) })
    case .float64: values = .float64(elements.doubles(places))
    case .string:
      var bytes: [UInt8] = []
      var offsets: [UInt64] = [0]
      offsets.reserveCapacity(places.count + 1)
      for place in places {
        elements.appendText(at: place, to: &bytes)
        offsets.append(UInt64(bytes.count))
      }
      values = .strings(bytes: bytes, offsets: offsets)
    case .other: preconditionFailure("the types of arguments were checked")
    }
  }

  /// The model's shape with all sizes filled in.
  private static func shape(_ declared: [Int?]?, rows: Int, width: Int?) -> [Int64] {
    let open = Int64(width ?? 1)
    guard let declared, !declared.isEmpty else {
      return [Int64(rows)] + (width == nil ? [] : [open])
    }
    return [Int64(rows)] + declared.dropFirst().map { $0.map { Int64($0) } ?? open }
  }

  /// Lends the tensor to `body`; its pointers live that long.
  func withTensor<Result>(
    _ element: model_element, _ body: (model_input) throws -> Result
  ) rethrows -> Result {
    func lend(_ values: [some Any]) throws -> Result {
      try unsafe values.withUnsafeBytes { try unsafe body(header(element, $0.baseAddress)) }
    }
    switch values {
    case .bytes(let values): return try lend(values)
    case .int32(let values): return try lend(values)
    case .int64(let values): return try lend(values)
    case .float32(let values): return try lend(values)
    case .float64(let values): return try lend(values)
    case .strings(let bytes, let offsets):
      return try unsafe bytes.withUnsafeBufferPointer { bytes in
        try unsafe offsets.withUnsafeBufferPointer { offsets in
          var tensor = unsafe header(element, nil)
          unsafe tensor.bytes = bytes.baseAddress
          unsafe tensor.offsets = offsets.baseAddress
          return try unsafe body(tensor)
        }
      }
    }
  }

  private func header(_ element: model_element, _ values: UnsafeRawPointer?) -> model_input {
    var tensor = unsafe model_input()
    unsafe tensor.element = element
    unsafe tensor.rank = Int32(shape.count)
    unsafe withUnsafeMutableBytes(of: &tensor.shape) { sizes in
      for (index, size) in shape.enumerated() {
        unsafe sizes.storeBytes(
          of: size, toByteOffset: index * MemoryLayout<Int64>.stride, as: Int64.self)
      }
    }
    unsafe tensor.count = count
    unsafe tensor.values = values
    return unsafe tensor
  }
}

extension Column {
  fileprivate func integers(_ places: [Int]) -> [Int64] {
    switch self {
    case .int64(let column): places.map { column.values[$0] }
    case .bool(let column): places.map { column.values[$0] ? 1 : 0 }
    case .float64, .string, .plain, .list:
      preconditionFailure("the types of arguments were checked")
    }
  }

  fileprivate func doubles(_ places: [Int]) -> [Double] {
    if case .float64(let column) = self { return places.map { column.values[$0] } }
    return integers(places).map { Double($0) }
  }

  fileprivate func appendText(at row: Int, to bytes: inout [UInt8]) {
    switch self {
    case .plain(let column):
      bytes += column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])]
    case .string(let column):
      unsafe column.dictionary.withBytes(of: column.ids[row]) {
        unsafe bytes.append(contentsOf: $0)
      }
    default: preconditionFailure("the types of arguments were checked")
    }
  }
}
