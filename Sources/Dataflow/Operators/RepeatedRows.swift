import Columns
import EventTime

/// The rows of a batch, each as often as it has keys: once for every combination of the elements of
/// its key columns that are lists.
///
/// A row whose list holds a value twice has its key twice; one with an empty or missing list has none.
struct RepeatedRows {
  /// The row of the batch that each repeated row is; ascending.
  private(set) var rows: [Int] = []
  /// Where the repeated rows of each row begin; shape `[rows + 1]`.
  private(set) var starts: [Int] = [0]
  /// For each key column that is a list, the element of each repeated row.
  private var elements: [[Int]]
  private let keys: [Column]

  init(_ keys: [Column], rowCount: Int) {
    self.keys = keys
    elements = keys.map { _ in [] }
    for row in 0..<rowCount {
      let choices = keys.map { Self.choices($0, row) }
      let count = choices.reduce(1) { $0 * $1.count }
      for index in 0..<count {
        rows.append(row)
        var rest = index
        for (key, choices) in choices.enumerated() {
          elements[key].append(choices[rest % choices.count])
          rest /= choices.count
        }
      }
      starts.append(rows.count)
    }
  }

  /// The key columns, one value a repeated row.
  var keyColumns: [Column] {
    keys.enumerated().map { index, key in
      if case .list(let list) = key {
        list.elements.gathered(elements[index])
      } else {
        key.gathered(elements[index])
      }
    }
  }

  /// The element of a list, or the row of another column, for each value that `row` has.
  private static func choices(_ key: Column, _ row: Int) -> [Int] {
    guard case .list(let list) = key else { return [row] }
    guard list.validity.isPresent(row) else { return [] }
    return Array(Int(list.offsets[row])..<Int(list.offsets[row + 1]))
  }
}

extension Column {
  var isList: Bool { if case .list = self { true } else { false } }
}

extension EvaluatedBatch {
  /// The batch with the rows of `repeated`; of its columns `inputs` and, in place of lists, `keys`
  /// are right, the others are not to be read.
  func repeated(_ repeated: RepeatedRows, keys: [Int], inputs: Set<Int>) -> EvaluatedBatch {
    var columns = columns
    for input in inputs.subtracting(keys) {
      columns[input] = columns[input].gathered(repeated.rows)
    }
    for (key, column) in zip(keys, repeated.keyColumns) { columns[key] = column }
    return EvaluatedBatch(
      columns: columns, times: repeated.rows.map { times[$0] }, kept: nil,
      priorMaximum: priorMaximum, outOfOrderness: .zero)
  }
}
