/// Cell ids of one grouping; cell 0 is the discard cell.
struct CellPool {
  var count = 1
  var free: [UInt32] = []

  mutating func take() -> UInt32 {
    if let cell = free.popLast() { return cell }
    defer { count += 1 }
    return UInt32(count)
  }
}
