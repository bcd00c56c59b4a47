import Columns

/// What texts are compared with: one a row, or several.
struct References {
  private let texts: [String?]
  private let offsets: [UInt32]?

  static func isReference(_ type: DataType) -> Bool {
    type == .string || type == .list(.string)
  }

  init(_ column: Column) {
    if case .list(let list) = column {
      texts = list.elements.texts()
      offsets = list.offsets
    } else {
      texts = column.texts()
      offsets = nil
    }
  }

  subscript(row: Int) -> [String] {
    guard let offsets else { return [texts[row] ?? ""] }
    return texts[Int(offsets[row])..<Int(offsets[row + 1])].compactMap { $0 }
  }
}

extension Column {
  /// The strings, `nil` where absent.
  func texts() -> [String?] {
    (0..<rowCount).map {
      validity.isPresent($0) ? String(decoding: text(at: $0), as: UTF8.self) : nil
    }
  }
}

extension ListColumn {
  /// A row of `width` numbers each.
  static func numbers(_ values: [Double], width: Int, validity: Validity) -> Column {
    let rowCount = width == 0 ? 0 : values.count / width
    return .list(
      ListColumn(
        elements: .float64(Float64Column(values)),
        offsets: (0...rowCount).map { UInt32($0 * width) }, validity: validity))
  }

  /// What `body` makes of each row that is present; a row is missing where that is `nil`.
  static func numbers(
    _ rowCount: Int, _ validity: Validity, _ body: (_ row: Int) -> [Double]?
  ) -> Column {
    var values: [Double] = []
    var offsets: [UInt32] = [0]
    var missing: [Int] = []
    for row in 0..<rowCount {
      if validity.isPresent(row) {
        if let numbers = body(row) { values += numbers } else { missing.append(row) }
      }
      offsets.append(UInt32(values.count))
    }
    return .list(
      ListColumn(
        elements: .float64(Float64Column(values)), offsets: offsets,
        validity: validity.excluding(missing)))
  }
}
