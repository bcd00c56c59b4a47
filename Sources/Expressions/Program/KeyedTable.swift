/// Numbers by key: what an analyzer found for each value of a key column.
///
/// Equality is that of bits and bytes.
public struct KeyedTable: Hashable, Sendable {
  /// Distinct, ascending by bytes; integers in decimal.
  public let keys: TokenList
  /// How many numbers a key has.
  public let width: Int
  /// Shape `[keys, width]`.
  public let values: [Double]

  /// - Precondition: `values` holds `width` numbers a key.
  public init(keys: TokenList, width: Int, values: [Double]) {
    precondition(values.count == keys.count * width, "\(values.count) numbers for \(keys.count)")
    self.keys = keys
    self.width = width
    self.values = values
  }

  /// The numbers of key `index`.
  public subscript(index: Int) -> ArraySlice<Double> {
    values[index * width..<(index + 1) * width]
  }

  public static func == (one: KeyedTable, two: KeyedTable) -> Bool {
    one.keys == two.keys && one.width == two.width
      && one.values.elementsEqual(two.values) { $0.bitPattern == $1.bitPattern }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(keys)
    hasher.combine(width)
    for value in values { hasher.combine(value.bitPattern) }
  }
}
