import Columns

/// Functions that order the numbers of a list: the greatest is first, and of equal ones the one that
/// stands first.
enum RankingFunction: String, Sendable {
  case element, rankOf = "rank_of", rankedIndex = "ranked_index", rankedValue = "ranked_value"

  /// How the second argument is called.
  var parameter: String {
    switch self {
    case .element, .rankOf: "index"
    case .rankedIndex, .rankedValue: "k"
    }
  }

  var type: DataType {
    switch self {
    case .element, .rankedValue: .float64
    case .rankOf, .rankedIndex: .int64
    }
  }
}

extension RowFunction {
  static let element = ranking(
    .element, "the number at a position of a list, counted from 0; missing outside of it")
  static let rankOf = ranking(
    .rankOf, "how many numbers of the list come before that at a position, the greatest first")
  static let rankedIndex = ranking(
    .rankedIndex, "where the k-th greatest number of a list stands, counted from 0")
  static let rankedValue = ranking(
    .rankedValue, "the k-th greatest number of a list; NaN if one of them is")

  private static func ranking(_ function: RankingFunction, _ summary: String) -> RowFunction {
    RowFunction(
      function.rawValue, [.required("x"), .required(function.parameter)], summary,
      isElementwise: false
    ) { site in
      _ = try site.type(0, "a list of numbers", where: \.isListOfNumbers)
      _ = try site.type(1, "an int") { $0 == .int64 }
      return CompiledCall(
        type: function.type, inputs: [0, 1], kernel: RankingKernel(function: function))
    }
  }
}

/// The rows of a list column as numbers; what is missing in a list is NaN.
struct NumberLists {
  let values: [Double]
  let offsets: [UInt32]

  init(_ column: Column) {
    guard case .list(let list) = column else { preconditionFailure("not a list column") }
    let numbers = list.elements.doubles()
    let validity = list.elements.validity
    values =
      validity.allPresent
      ? numbers : numbers.indices.map { validity.isPresent($0) ? numbers[$0] : .nan }
    offsets = list.offsets
  }

  func range(_ row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }
}

struct RankingKernel: RowKernel {
  let function: RankingFunction

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let lists = NumberLists(inputs[0])
    let arguments = inputs[1].integers()
    var numbers = [Double](repeating: 0, count: rowCount)
    var integers = [Int64](repeating: 0, count: rowCount)
    var missing: [Int] = []
    let validity = inputs.commonValidity(rowCount)
    for row in 0..<rowCount where validity.isPresent(row) {
      let range = lists.range(row)
      let place = function == .element || function == .rankOf ? arguments[row] : arguments[row] - 1
      guard place >= 0, place < range.count else {
        missing.append(row)
        continue
      }
      switch function {
      case .element: numbers[row] = lists.values[range.lowerBound + Int(place)]
      case .rankOf: integers[row] = Self.rank(of: Int(place), lists.values[range])
      case .rankedIndex, .rankedValue:
        let index = Self.index(ranked: Int(place), lists.values[range])
        integers[row] = Int64(index)
        let hasNaN = lists.values[range].contains(where: \.isNaN)
        numbers[row] = hasNaN ? .nan : lists.values[range.lowerBound + index]
      }
    }
    let present = validity.excluding(missing)
    return function.type == .int64
      ? .int64(Int64Column(integers, validity: present))
      : .float64(Float64Column(numbers, validity: present))
  }

  static func rank(of index: Int, _ values: ArraySlice<Double>) -> Int64 {
    let own = values[values.startIndex + index]
    var rank: Int64 = 0
    for (other, value) in values.enumerated() where value > own || (value == own && other < index) {
      rank += 1
    }
    return rank
  }

  /// - Complexity: O(values × rank).
  static func index(ranked rank: Int, _ values: ArraySlice<Double>) -> Int {
    var best: [(index: Int, value: Double)] = []
    for (index, value) in values.enumerated() {
      if best.count > rank, !(value > best[rank].value) { continue }
      let place = best.firstIndex { value > $0.value } ?? best.count
      best.insert((index, value), at: place)
      if best.count > rank + 1 { best.removeLast() }
    }
    return best[rank].index
  }
}
