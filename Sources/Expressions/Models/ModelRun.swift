import Columns

/// A row on which a model failed.
public struct RowFailure: Hashable, Sendable {
  /// In its batch.
  public var row: Int
  public var reason: String
}

/// One run of a model a batch, whichever of its outputs are used.
struct ModelRun: Sendable {
  /// The call, but for its output.
  struct Key: Hashable {
    var reference: ModelReference
    var positions: [Int]
    var steps: [Int]
  }

  let model: any RowModel
  /// The inputs that the columns are, by position.
  let positions: [Int]
  /// The steps that compute them.
  let inputs: [Int]
  /// The outputs that are used, by position.
  private(set) var outputs: [Int] = []

  init(_ model: any RowModel, positions: [Int], inputs: [Int]) {
    self.model = model
    self.positions = positions
    self.inputs = inputs
  }

  /// The place of `output` among the results.
  mutating func place(of output: Int) -> Int {
    if let place = outputs.firstIndex(of: output) { return place }
    outputs.append(output)
    return outputs.count - 1
  }

  /// The outputs for all rows; missing where an input is, or the model fails.
  func evaluate(_ columns: [Column], rowCount: Int) -> (results: [Column], failures: [RowFailure]) {
    let usable = zip(positions, columns).map { UsableInput($1, of: model.inputs[$0], rowCount) }
    let validity = usable.reduce(Validity(allPresent: rowCount)) { $0.intersection($1.validity) }
    var groups: [[Int]: [Int]] = [:]
    for row in 0..<rowCount where validity.isPresent(row) {
      groups[usable.compactMap { $0.freeLength(row) }, default: []].append(row)
    }
    var pieces = Pieces()
    // In the order of their first rows.
    for rows in groups.values.sorted(by: { $0[0] < $1[0] }) {
      let given = usable.map { rows.count == rowCount ? $0.column : $0.column.gathered(rows) }
      run(given, rows, &pieces)
    }
    let results = outputs.indices.map { place in
      pieces.column(place, rowCount, of: model.outputs[outputs[place]])
    }
    return (results, pieces.failures.sorted { $0.row < $1.row })
  }

  /// Runs all of `rows` together, and where that fails, halves of them, to find those at fault.
  private func run(_ columns: [Column], _ rows: [Int], _ pieces: inout Pieces) {
    do {
      let given = zip(positions, columns).map { (input: $0, column: $1) }
      let results = try model.run(given, wanted: outputs, rowCount: rows.count)
      pieces.add(results, rows)
    } catch {
      guard rows.count > 1 else {
        let reason = "\(model.reference.function.rawValue) \(model.reference.path): \(error)"
        pieces.failures.append(RowFailure(row: rows[0], reason: reason))
        return
      }
      let middle = rows.count / 2
      for half in [0..<middle, middle..<rows.count] {
        run(columns.map { $0.gathered(Array(half)) }, Array(rows[half]), &pieces)
      }
    }
  }
}

/// The results of parts of a batch.
private struct Pieces {
  private var columns: [[Column]] = []
  private var rows: [Int] = []
  var failures: [RowFailure] = []

  mutating func add(_ results: [Column], _ rows: [Int]) {
    columns.append(results)
    self.rows += rows
  }

  func column(_ place: Int, _ rowCount: Int, of tensor: ModelTensor) -> Column {
    if columns.count == 1, rows.count == rowCount { return columns[0][place] }
    let joined = Column.joined([tensor.blank] + columns.map { $0[place] })
    var source = [Int](repeating: 0, count: rowCount)
    var isPresent = [Bool](repeating: false, count: rowCount)
    // Row 0 of the joined column stands for missing ones.
    for (index, row) in rows.enumerated() {
      source[row] = index + 1
      isPresent[row] = true
    }
    return joined.gathered(source).with(Validity(isPresent))
  }
}

/// The column of one input: which rows can be used.
private struct UsableInput {
  let column: Column
  let validity: Validity
  /// Of lists whose length the model leaves open.
  private let offsets: [UInt32]

  init(_ given: Column, of input: ModelTensor, _ rowCount: Int) {
    var missing: [Int] = []
    guard case .list(let list) = given else {
      offsets = []
      column = given
      if input.element == .int32 { missing = given.rowsBeyondInt32 }
      validity = given.validity.excluding(missing)
      return
    }
    let elements = list.elements.withNaNForMissing
    let wrong = Set(
      elements.absentRows + (input.element == .int32 ? elements.rowsBeyondInt32 : []))
    for row in 0..<rowCount {
      let range = Int(list.offsets[row])..<Int(list.offsets[row + 1])
      let fits = input.width.map { $0 == range.count } ?? true
      if !fits || (!wrong.isEmpty && range.contains(where: wrong.contains)) { missing.append(row) }
    }
    column = .list(
      ListColumn(elements: elements, offsets: list.offsets, validity: list.validity))
    validity = list.validity.excluding(missing)
    offsets = input.width == nil ? list.offsets : []
  }

  func freeLength(_ row: Int) -> Int? {
    offsets.isEmpty ? nil : Int(offsets[row + 1] - offsets[row])
  }
}

extension Column {
  /// Integers that 32 bits do not hold.
  fileprivate var rowsBeyondInt32: [Int] {
    guard case .int64(let column) = self else { return [] }
    return column.values.indices.filter { Int32(exactly: column.values[$0]) == nil }
  }

  fileprivate var absentRows: [Int] {
    validity.allPresent ? [] : (0..<rowCount).filter { !validity.isPresent($0) }
  }

  /// A missing float as NaN; other columns as they are.
  fileprivate var withNaNForMissing: Column {
    guard case .float64(let column) = self, !validity.allPresent else { return self }
    return .float64(
      Float64Column(
        column.values.indices.map { validity.isPresent($0) ? column.values[$0] : .nan }))
  }

  /// The same values, present where `validity` says.
  fileprivate func with(_ validity: Validity) -> Column {
    switch self {
    case .bool(let column): .bool(BoolColumn(column.values, validity: validity))
    case .int64(let column): .int64(Int64Column(column.values, validity: validity))
    case .float64(let column): .float64(Float64Column(column.values, validity: validity))
    case .string(let column):
      .string(
        StringColumn(ids: column.ids, dictionary: column.dictionary, validity: validity))
    case .plain(let column):
      .plain(
        PlainStringColumn(bytes: column.bytes, offsets: column.offsets, validity: validity))
    case .list(let column):
      .list(
        ListColumn(elements: column.elements, offsets: column.offsets, validity: validity))
    }
  }
}

extension ModelTensor {
  /// One row, whatever it holds.
  fileprivate var blank: Column {
    let scalar: Column =
      switch element {
      case .bool: .bool(BoolColumn([false]))
      case .int32, .int64: .int64(Int64Column([0]))
      case .float32, .float64, .other: .float64(Float64Column([0.0]))
      case .string: .plain(PlainStringColumn(bytes: [], offsets: [0, 0]))
      }
    if isScalar { return scalar }
    return .list(ListColumn(elements: scalar, offsets: [0, 1]))
  }
}
