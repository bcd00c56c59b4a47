import Columns

extension RowFunction {
  static let length = RowFunction(
    "length", [.required("x")], "the bytes of a string, or the elements of a list",
    isElementwise: false
  ) { site in
    let type = try site.type(0, "a string or list") { $0 == .string || !$0.isScalar }
    let kernel: any RowKernel =
      type == .string ? StringLength(map: .init(ByteCount())) : ListLength()
    return CompiledCall(type: .int64, inputs: [0], kernel: kernel)
  }
}

struct ByteCount: StringFunction {
  static let filler: Int64 = 0

  func value(of bytes: ArraySlice<UInt8>) -> Int64 { Int64(bytes.count) }
}

struct StringLength: RowKernel {
  var map: StringMap<ByteCount>

  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    .int64(Int64Column(map.values(inputs[0]), validity: inputs[0].validity))
  }
}

struct ListLength: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    guard case .list(let list) = inputs[0] else { preconditionFailure("not a list column") }
    let counts = (0..<rowCount).map { Int64(list.offsets[$0 + 1]) - Int64(list.offsets[$0]) }
    return .int64(Int64Column(counts, validity: list.validity))
  }
}
