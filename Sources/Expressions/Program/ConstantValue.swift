import Columns

/// A value that is known before the first row: a literal, or the result of an analyzer.
///
/// Equality is that of bits and bytes: NaN equals NaN, −0 differs from 0, strings are not
/// normalized.
public enum ConstantValue: Hashable, Sendable {
  /// The optional argument that is not given, `None`.
  case none
  case bool(Bool)
  case int64(Int64)
  case float64(Double)
  case string(String)
  case list([ConstantValue])
  /// The boundaries of buckets, and other lists of numbers that are computed.
  case floats([Double])
  /// The tokens of a vocabulary, in order of id.
  case tokens(TokenList)
  /// Numbers by key.
  case table(KeyedTable)

  public static func == (one: Self, two: Self) -> Bool {
    switch (one, two) {
    case (.none, .none): true
    case (.bool(let one), .bool(let two)): one == two
    case (.int64(let one), .int64(let two)): one == two
    case (.float64(let one), .float64(let two)): one.bitPattern == two.bitPattern
    case (.string(let one), .string(let two)): one.utf8.elementsEqual(two.utf8)
    case (.list(let one), .list(let two)): one == two
    case (.floats(let one), .floats(let two)):
      one.elementsEqual(two) { $0.bitPattern == $1.bitPattern }
    case (.tokens(let one), .tokens(let two)): one == two
    case (.table(let one), .table(let two)): one == two
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .none: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .int64(let value): hasher.combine(value)
    case .float64(let value): hasher.combine(value.bitPattern)
    case .string(let value): hasher.combine(Array(value.utf8))
    case .list(let values): hasher.combine(values)
    case .floats(let values): for value in values { hasher.combine(value.bitPattern) }
    case .tokens(let tokens): hasher.combine(tokens)
    case .table(let table): hasher.combine(table)
    }
  }

  /// The literal that `expression` is, or `nil` when it depends on a column.
  package init?(literal expression: Expression) {
    switch expression {
    case .none: self = .none
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .int64(value)
    case .number(let value): self = .float64(value)
    case .string(let value): self = .string(value)
    case .list(let elements):
      var values: [ConstantValue] = []
      for element in elements {
        guard let value = ConstantValue(literal: element) else { return nil }
        values.append(value)
      }
      self = .list(values)
    case .column, .model, .call: return nil
    }
  }

  /// The column type of the value when it is used row by row; `nil` for what only serves as a
  /// parameter.
  var type: DataType? {
    switch self {
    case .bool: .bool
    case .int64: .int64
    case .float64: .float64
    case .string: .string
    case .none, .list, .floats, .tokens, .table: nil
    }
  }

  /// The number, if it is one.
  package var double: Double? {
    switch self {
    case .int64(let value): Double(value)
    case .float64(let value): value
    default: nil
    }
  }

  /// The numbers of a list, if all its elements are.
  package var doubles: [Double]? {
    switch self {
    case .floats(let values): return values
    case .list(let elements):
      let values = elements.compactMap(\.double)
      return values.count == elements.count ? values : nil
    default: return nil
    }
  }

  /// `rowCount` rows of this value.
  ///
  /// `held`, other rows of it, is used again if nothing else refers to it: batches differ by few rows.
  /// - Precondition: `type` is not `nil`.
  func column(_ rowCount: Int, reusing held: consuming Column? = nil) -> Column {
    switch self {
    case .bool(let value): return .bool(BoolColumn([Bool](repeating: value, count: rowCount)))
    case .int64(let value): return .int64(Int64Column([Int64](repeating: value, count: rowCount)))
    case .float64(let value):
      var values: [Double] = []
      if case .float64(let column)? = held { values = column.values }
      held = nil
      if values.count < rowCount {
        values.append(contentsOf: repeatElement(value, count: rowCount - values.count))
      } else {
        values.removeLast(values.count - rowCount)
      }
      return .float64(Float64Column(values))
    case .string(let value):
      let dictionary = StringDictionary()
      let id = dictionary.intern(value)
      return .string(
        StringColumn(ids: [UInt32](repeating: id, count: rowCount), dictionary: dictionary))
    case .none, .list, .floats, .tokens, .table:
      preconditionFailure("\(self) is not a value of rows")
    }
  }
}
