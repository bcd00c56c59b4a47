public import Columns

/// An accumulator that has a byte bound of its own, see ``GroupedSeparately``.
public protocol BoundedAccumulator: Accumulator {
  /// Bytes held now.
  var byteCount: Int { get }
  /// The most bytes one state can hold, given `distinctCount` distinct values in it.
  static func byteBound(_ parameters: Parameters, distinctCount: Int) -> Int
  /// Whether strings need no ids, see ``GroupedAccumulator``.
  static var takesPlainStrings: Bool { get }
}

extension BoundedAccumulator {
  public static var takesPlainStrings: Bool { false }
}

/// The grouped form of an accumulator that gains nothing from running over many cells at once: one
/// state a cell.
public struct GroupedSeparately<Single: BoundedAccumulator>: GroupedAccumulator {
  public typealias Parameters = Single.Parameters

  private let parameters: Parameters
  private var cells: [Single] = []

  public init(_ parameters: Parameters) { self.parameters = parameters }

  public static var takesPlainStrings: Bool { Single.takesPlainStrings }

  public var cellCount: Int { cells.count }

  public mutating func grow(to cellCount: Int) {
    guard cellCount > cells.count else { return }
    cells.append(
      contentsOf: repeatElement(Single(parameters), count: cellCount - cells.count))
  }

  public mutating func add(_ inputs: [Column], cells places: [UInt32], uniform: UInt32?) {
    if let uniform {
      if uniform != 0 { cells[Int(uniform)].add(inputs) }
      return
    }
    var rows: [UInt32: [Int]] = [:]
    for (row, cell) in places.enumerated() where cell != 0 {
      rows[cell, default: []].append(row)
    }
    for (cell, rows) in rows { cells[Int(cell)].add(inputs.map { $0.gathered(rows) }) }
  }

  public mutating func extract(_ moved: [UInt32]) -> GroupedSeparately {
    var result = GroupedSeparately(parameters)
    result.cells = [Single(parameters)]
    for cell in moved {
      result.cells.append(cells[Int(cell)])
      cells[Int(cell)] = Single(parameters)
    }
    return result
  }

  public mutating func merge(_ other: GroupedSeparately, mapping: [UInt32]) {
    for cell in other.cells.indices.dropFirst() where mapping[cell] != 0 {
      cells[Int(mapping[cell])].merge(other.cells[cell])
    }
  }

  public func single(_ cell: Int) -> Single { cells[cell] }

  public mutating func merge(single: Single, into cell: UInt32) {
    cells[Int(cell)].merge(single)
  }

  public var byteCount: Int { cells.reduce(0) { $0 + $1.byteCount } }

  public static func byteBound(_ parameters: Parameters, distinctCount: Int) -> Int {
    Single.byteBound(parameters, distinctCount: distinctCount)
  }
}
