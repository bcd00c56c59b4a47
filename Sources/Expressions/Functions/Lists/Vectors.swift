import Columns

/// Lists of a fixed length: the rows of a matrix.
extension RowFunction {
  /// Missing where one of the numbers is.
  static let stack = RowFunction(
    "stack", [.variadic("parts")], "the numbers as a list of floats, as tf.stack",
    isElementwise: false
  ) { site in
    for index in site.arguments.indices { _ = try site.number(index) }
    return CompiledCall(
      type: .list(.float64), inputs: Array(site.arguments.indices), kernel: StackKernel())
  }

  /// Missing where the list is not as long as the matrix has rows; a missing element is NaN.
  static let matmul = RowFunction(
    "matmul", [.required("x"), .required("matrix"), .required("columns")],
    "the list times a constant matrix, given row by row, of `columns` columns",
    isElementwise: false
  ) { site in
    _ = try site.type(0, "a list of numbers", where: \.isListOfNumbers)
    let matrix = try site.constant("matrix", "a list of numbers as a") { $0.doubles }
    let columns = try site.int("columns")
    guard columns > 0, matrix.count % columns == 0 else {
      throw site.fail("a matrix of \(matrix.count) numbers has no \(columns) columns")
    }
    return CompiledCall(
      type: .list(.float64), inputs: [0], kernel: MatrixKernel(matrix: matrix, columns: columns))
  }

  /// A missing row is empty; what is longer is cut.
  static let toDense = RowFunction(
    "to_dense", [.required("x"), .required("length"), .optional("default_value", .integer(0))],
    "the list filled up to a length; of a scalar, a list of it", isElementwise: false
  ) { site in
    guard let type = site.arguments[0].type else { throw site.fail("'x' must be a column") }
    let element = if case .list(let element) = type { element } else { type }
    guard element.isNumeric || element == .string else {
      throw site.fail("'x' must be numbers or strings, not \(type)")
    }
    let fill = try site.constant("default_value", "a \(element)") { $0.filling(element) }
    let length = try site.int("length")
    guard (1...65_536).contains(length) else { throw site.fail("'length' must be in 1…65536") }
    return CompiledCall(
      type: .list(element), inputs: [0], kernel: DenseKernel(length: length, fill: fill))
  }
}

extension ConstantValue {
  /// The value as one of `type`, or `nil` if it is none.
  fileprivate func filling(_ type: DataType) -> ConstantValue? {
    switch (self, type) {
    case (.string, .string), (.int64, .int64), (.bool, .bool): return self
    case (_, .float32), (_, .float64): return double.map(ConstantValue.float64)
    default: return nil
    }
  }
}

struct StackKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let parts = inputs.map { $0.doubles() }
    var elements: [Double] = []
    elements.reserveCapacity(rowCount * parts.count)
    for row in 0..<rowCount { for part in parts { elements.append(part[row]) } }
    return .list(
      ListColumn(
        elements: .float64(Float64Column(elements)),
        offsets: (0...rowCount).map { UInt32($0 * parts.count) },
        validity: inputs.commonValidity(rowCount)))
  }
}

struct MatrixKernel: RowKernel {
  /// Shape `[rows, columns]`.
  let matrix: [Double]
  let columns: Int

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let lists = NumberLists(inputs[0])
    let length = matrix.count / columns
    var products: [Double] = []
    var offsets: [UInt32] = [0]
    var missing: [Int] = []
    for row in 0..<rowCount {
      let range = lists.range(row)
      if range.count == length {
        for column in 0..<columns {
          var sum = 0.0
          for index in 0..<length {
            sum += lists.values[range.lowerBound + index] * matrix[index * columns + column]
          }
          products.append(sum)
        }
      } else {
        missing.append(row)
      }
      offsets.append(UInt32(products.count))
    }
    return .list(
      ListColumn(
        elements: .float64(Float64Column(products)), offsets: offsets,
        validity: inputs[0].validity.excluding(missing)))
  }
}

struct DenseKernel: RowKernel {
  let length: Int
  let fill: ConstantValue

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    // One element more than the column has: what fills up.
    let source: Column
    var rows: [Range<Int>]
    switch inputs[0] {
    case .list(let list):
      source = list.elements
      rows = (0..<rowCount).map { Int(list.offsets[$0])..<Int(list.offsets[$0 + 1]) }
    default:
      source = inputs[0]
      rows = (0..<rowCount).map { $0..<$0 + 1 }
    }
    for row in 0..<rowCount where !inputs[0].validity.isPresent(row) { rows[row] = 0..<0 }
    var places: [Int] = []
    places.reserveCapacity(rowCount * length)
    for range in rows {
      let held = range.filter(source.validity.isPresent).prefix(length)
      places += held
      places += repeatElement(-1, count: length - held.count)
    }
    return .list(
      ListColumn(
        elements: source.gathered(places, filling: fill),
        offsets: (0...rowCount).map { UInt32($0 * length) }))
  }
}

extension Column {
  /// The rows at `places`, `fill` where that is −1.
  fileprivate func gathered(_ places: [Int], filling fill: ConstantValue) -> Column {
    switch (self, fill) {
    case (.bool(let column), .bool(let fill)):
      return .bool(BoolColumn(places.map { $0 < 0 ? fill : column.values[$0] }))
    case (.int64(let column), .int64(let fill)):
      return .int64(Int64Column(places.map { $0 < 0 ? fill : column.values[$0] }))
    case (.float64(let column), .float64(let fill)):
      return .float64(Float64Column(places.map { $0 < 0 ? fill : column.values[$0] }))
    case (_, .string(let fill)):
      let strings = StringRows(self)
      var text = PlainStringBuilder(places.count)
      for place in places {
        if place < 0 {
          text.bytes += Array(fill.utf8)
        } else {
          strings.append(place, to: &text.bytes)
        }
        text.endRow()
      }
      return text.finish(Validity(allPresent: places.count))
    default: preconditionFailure("\(fill) does not fill such a column")
    }
  }
}
