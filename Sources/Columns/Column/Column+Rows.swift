extension Column {
  /// The column of the rows `rows` of this one, in that order.
  public func rows(_ rows: [Int]) -> Column {
    let kept = Validity(rows.map { validity.isPresent($0) })
    switch self {
    case .bool(let column):
      return .bool(BoolColumn(rows.map { column.values[$0] }, validity: kept))
    case .int64(let column):
      return .int64(Int64Column(rows.map { column.values[$0] }, validity: kept))
    case .float64(let column):
      return .float64(Float64Column(rows.map { column.values[$0] }, validity: kept))
    case .string(let column):
      return .string(
        StringColumn(
          ids: rows.map { column.ids[$0] }, dictionary: column.dictionary, validity: kept))
    case .plain(let column):
      var bytes: [UInt8] = []
      var offsets: [UInt32] = [0]
      for row in rows {
        bytes += column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])]
        offsets.append(UInt32(bytes.count))
      }
      return .plain(PlainStringColumn(bytes: bytes, offsets: offsets, validity: kept))
    case .list(let column):
      var elements: [Int] = []
      var offsets: [UInt32] = [0]
      for row in rows {
        elements += Int(column.offsets[row])..<Int(column.offsets[row + 1])
        offsets.append(UInt32(elements.count))
      }
      return .list(
        ListColumn(elements: column.elements.rows(elements), offsets: offsets, validity: kept))
    }
  }
}
