import Columns

/// Appends nodes to a program, equal ones once.
struct TensorProgramBuilder {
  private(set) var nodes: [TensorProgram.Node] = []
  private(set) var vocabularies: [TensorProgram.Vocabulary] = []
  private var known: [TensorProgram.Node: Int] = [:]
  private var knownVocabularies: [TensorProgram.Vocabulary: Int] = [:]

  mutating func append(
    _ operation: TensorOperation, _ inputs: [Int], _ type: TensorType, rank: Int? = nil
  ) -> Int {
    let node = TensorProgram.Node(
      operation: operation, inputs: inputs, type: type,
      rank: rank ?? inputs.map { nodes[$0].rank }.max() ?? 0)
    if let index = known[node] { return index }
    known[node] = nodes.count
    nodes.append(node)
    return nodes.count - 1
  }

  mutating func vocabulary(_ vocabulary: TensorProgram.Vocabulary) -> Int {
    if let index = knownVocabularies[vocabulary] { return index }
    knownVocabularies[vocabulary] = vocabularies.count
    vocabularies.append(vocabulary)
    return vocabularies.count - 1
  }

  func type(_ node: Int) -> TensorType { nodes[node].type }
  func isConstant(_ node: Int) -> Bool { nodes[node].rank == 0 }

  // MARK: Constants

  mutating func constant(_ value: TensorConstant) -> Int {
    append(.constant(value), [], value.type, rank: 0)
  }

  mutating func double(_ value: Double) -> Int { constant(.float64(value)) }
  mutating func integer(_ value: Int64) -> Int { constant(.int64(value)) }
  mutating func text(_ value: String) -> Int { constant(.string(Array(value.utf8))) }
  mutating func rowCount() -> Int { append(.rowCount, [], .int64, rank: 0) }

  // MARK: Operations

  mutating func unary(_ operation: TensorOperation.Unary, _ x: Int) -> Int {
    let type: TensorType =
      switch operation {
      case .isNaN, .not: .bool
      case .byteCount: .int64
      case .decimalText: .string
      default: nodes[x].type
      }
    return append(.unary(operation), [x], type)
  }

  mutating func binary(_ operation: TensorOperation.Binary, _ a: Int, _ b: Int) -> Int {
    let type: TensorType =
      switch operation {
      case .equal, .notEqual, .less, .lessEqual, .and, .or: .bool
      default: nodes[a].type
      }
    return append(.binary(operation), [a, b], type)
  }

  mutating func select(_ condition: Int, _ a: Int, _ b: Int) -> Int {
    a == b ? a : append(.select, [condition, a, b], nodes[a].type)
  }

  mutating func cast(_ x: Int, to type: TensorType) -> Int {
    nodes[x].type == type ? x : append(.cast(type), [x], type)
  }

  mutating func not(_ x: Int) -> Int { unary(.not, x) }

  /// Both hold; `nil` is what always holds.
  mutating func both(_ a: Int?, _ b: Int?) -> Int? {
    guard let a, let b else { return a ?? b }
    return a == b ? a : binary(.and, a, b)
  }

  /// `x` once a row.
  mutating func filled(_ x: Int) -> Int {
    guard isConstant(x) else { return x }
    let count = rowCount()
    return append(.fill, [count, x], nodes[x].type, rank: 1)
  }

  mutating func keep(_ x: Int, where mask: Int) -> Int {
    append(.keep, [x, mask], nodes[x].type, rank: 1)
  }

  mutating func gather(_ x: Int, at positions: Int) -> Int {
    append(.gather, [x, positions], nodes[x].type, rank: nodes[positions].rank)
  }

  /// The values of `value` as `type`, numbers only.
  mutating func numbers(_ value: TensorValue, as type: TensorType) -> Int {
    cast(value.values, to: type)
  }
}
