public import ByteCoding
public import Columns

/// What an accumulator over the elements of lists needs to know.
public struct ElementsParameters<Inner: Hashable & Sendable>: Hashable, Sendable {
  public var inner: Inner
  /// Whether the other gets the place of each element, counted from 0, before the element: as the
  /// key of a ``KeyedAccumulator``.
  public var hasPlaces: Bool
  /// How many of the inputs are lists: of one length a row, so that their elements go together.
  public var listCount: Int

  public init(_ inner: Inner, hasPlaces: Bool = false, listCount: Int = 1) {
    self.inner = inner
    self.hasPlaces = hasPlaces
    self.listCount = listCount
  }
}

/// Another accumulator over the elements of a list column.
///
/// Inputs: lists, then columns whose value goes with every element of the row. Rows and elements that
/// are missing in the first list are left out.
public struct ElementsAccumulator<State: Accumulator>: Accumulator {
  public typealias Parameters = ElementsParameters<State.Parameters>

  private let parameters: Parameters
  var state: State

  public init(_ parameters: Parameters) {
    self.init(parameters, State(parameters.inner))
  }

  init(_ parameters: Parameters, _ state: State) {
    self.parameters = parameters
    self.state = state
  }

  public mutating func add(_ inputs: [Column]) {
    let elements = ListElements(inputs[0])
    state.add(elements.columns(inputs, parameters.hasPlaces, parameters.listCount))
  }

  public mutating func merge(_ other: ElementsAccumulator) { state.merge(other.state) }

  public func output() -> State.Output { state.output() }

  /// Appends the other's canonical form.
  public func encode(into writer: inout ByteWriter) { state.encode(into: &writer) }

  public static func decode(
    _ parameters: Parameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> ElementsAccumulator {
    ElementsAccumulator(parameters, try State.decode(parameters.inner, from: &reader))
  }
}

/// The elements of a list column, one after the other.
struct ListElements {
  /// The row of each element; ascending.
  private(set) var rows: [Int] = []
  /// Where each element stands in its row, counted from 0.
  private var ranks: [Int] = []
  private var places: [Int] = []
  private let elements: Column

  /// - Precondition: `column` holds lists.
  init(_ column: Column) {
    guard case .list(let list) = column else { preconditionFailure("not a column of lists") }
    elements = list.elements
    for row in 0..<list.validity.count where list.validity.isPresent(row) {
      let start = Int(list.offsets[row])
      for place in start..<Int(list.offsets[row + 1])
      where list.elements.validity.isPresent(place) {
        rows.append(row)
        ranks.append(place - start)
        places.append(place)
      }
    }
  }

  /// The columns for the other accumulator, one row an element.
  func columns(_ inputs: [Column], _ hasPlaces: Bool, _ listCount: Int) -> [Column] {
    var columns =
      [elements.gathered(places)] + inputs[1..<listCount].map(twins)
      + inputs[listCount...].map { $0.gathered(rows) }
    if hasPlaces {
      let dictionary = StringDictionary()
      let ids = (0...(ranks.max() ?? 0)).map { dictionary.intern(String($0)) }
      columns.insert(
        .string(StringColumn(ids: ranks.map { ids[$0] }, dictionary: dictionary)), at: 0)
    }
    return columns
  }

  /// The elements of another list that stand where these do.
  private func twins(_ column: Column) -> Column {
    guard case .list(let list) = column else { preconditionFailure("not a column of lists") }
    return list.elements.gathered(zip(rows, ranks).map { Int(list.offsets[$0]) + $1 })
  }
}
