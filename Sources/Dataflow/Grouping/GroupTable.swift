import Columns

/// Dense ids for the grouping keys one worker has seen, `0, 1, 2, …` in order of first appearance.
///
/// Ids live as long as the worker, across windows, and hang on its dictionaries; a key leaves the
/// worker only by value.
///
/// - Complexity: `assign` is O(rows × components); `ordered` merges the groups that are new since
///   it was last asked.
struct GroupTable {
  private var components: [KeyInterner]
  private var combiners: [PairTable]
  /// The components of each group's key, by id; shape `[groups]`.
  private var keys: [[KeyValue]] = []
  private var sorted: [UInt32] = []

  /// - Parameter length: How many components a key has; 0 for the one group of all rows.
  init(length: Int) {
    components = (0..<length).map { _ in KeyInterner() }
    combiners = (0..<max(0, length - 1)).map { _ in PairTable() }
    if length == 0 {
      keys = [[]]
      sorted = [0]
    }
  }

  /// How many groups there are.
  var count: Int { keys.count }

  /// The key of group `id`.
  func key(_ id: UInt32) -> [KeyValue] { keys[Int(id)] }

  /// The group of each row; shape `[rows]`.
  mutating func assign(_ columns: [Column], rowCount: Int) -> [UInt32] {
    guard let first = columns.first else { return [UInt32](repeating: 0, count: rowCount) }
    var groups = components[0].assign(first)
    for index in columns.indices.dropFirst() {
      let next = components[index].assign(columns[index])
      combiners[index - 1].combine(&groups, with: next)
    }
    describeNewGroups()
    return groups
  }

  /// All groups in the canonical order of their keys.
  mutating func ordered() -> [UInt32] {
    guard sorted.count < keys.count else { return sorted }
    let new = (UInt32(sorted.count)..<UInt32(keys.count)).sorted { isOrdered($0, before: $1) }
    if new.count < sorted.count / 16 {
      for group in new { sorted.insert(group, at: place(of: group)) }
      return sorted
    }
    var merged: [UInt32] = []
    merged.reserveCapacity(keys.count)
    var next = new.startIndex
    for group in sorted {
      while next < new.endIndex, isOrdered(new[next], before: group) {
        merged.append(new[next])
        next += 1
      }
      merged.append(group)
    }
    merged.append(contentsOf: new[next...])
    sorted = merged
    return sorted
  }

  /// Where `group` belongs among the sorted ones.
  private func place(of group: UInt32) -> Int {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if isOrdered(sorted[middle], before: group) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func isOrdered(_ first: UInt32, before second: UInt32) -> Bool {
    KeyTable.isOrdered(keys[Int(first)], before: keys[Int(second)])
  }

  private mutating func describeNewGroups() {
    let count = combiners.last?.count ?? components[0].count
    while keys.count < count {
      var group = UInt32(keys.count)
      var key: [KeyValue] = []
      for index in combiners.indices.reversed() {
        let (rest, last) = combiners[index].parts(of: group)
        key.append(components[index + 1].value(last))
        group = rest
      }
      key.append(components[0].value(group))
      keys.append(key.reversed())
    }
  }
}
