import Columns

/// The value of an expression for all rows, while a program is being built.
struct TensorValue {
  /// Where the elements of a list stand, and which rows have a list at all.
  struct ListLayout: Hashable {
    enum Elements: Hashable {
      /// The row of each.
      case rows(Int)
      case fixed(Int)
    }
    var elements: Elements
    /// `nil` if every row has one.
    var isPresent: Int?
  }

  /// Of a row, or of an element of a list.
  var type: DataType
  var values: Int
  /// Whether each value is there; `nil` if all are.
  var isPresent: Int?
  /// `nil` for one value a row.
  var list: ListLayout?
  var domain: ClosedRange<Int64>?

  init(_ type: DataType, _ values: Int, isPresent: Int? = nil) {
    self.type = type
    self.values = values
    self.isPresent = isPresent
  }

  /// The type of the whole, a list or not.
  var rowType: DataType { list == nil ? type : .list(type) }
}

extension DataType {
  /// Whether arithmetic on it is that of integers.
  var isWhole: Bool { self == .bool || self == .int64 }

  /// How values of the type are held in a tensor.
  var tensorType: TensorType {
    switch self {
    case .bool: .bool
    case .int64, .timestamp: .int64
    case .float32, .float64: .float64
    case .string: .string
    case .list(let element): element.tensorType
    }
  }
}
