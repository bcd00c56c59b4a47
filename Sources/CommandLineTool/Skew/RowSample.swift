/// Every so manyth of a stream of rows: at least `wanted` of them, and fewer than twice as many.
struct RowSample<Row> {
  let wanted: Int
  private(set) var rows: [Row] = []
  private var stride = 1
  private var count = 0

  init(_ wanted: Int) { self.wanted = max(1, wanted) }

  /// Whether the next row is one of the sample; it is counted in any case.
  mutating func takesNext() -> Bool {
    defer { count += 1 }
    return count % stride == 0
  }

  mutating func add(_ row: Row) {
    rows.append(row)
    guard rows.count == 2 * wanted else { return }
    rows = rows.indices.filter { $0 % 2 == 0 }.map { rows[$0] }
    stride *= 2
  }
}
