public import Columns

/// A frozen transform as straight-line tensor operations: what the exporters print.
///
/// It says once, for every foreign format, what each row function does with missing values, NaN,
/// overflow and empty lists, in terms of operations that those formats have.
public struct TensorProgram: Sendable {
  public struct Node: Hashable, Sendable {
    public var operation: TensorOperation
    /// Positions of earlier nodes.
    public var inputs: [Int]
    public var type: TensorType
    /// 0 for what is the same for all rows, else 1.
    public var rank: Int
  }

  /// A column that the caller gives.
  public struct Feature: Hashable, Sendable {
    public var field: Field
    /// The type of one value: that of the field, or of its elements.
    public var element: DataType
    public var isList: Bool
    /// How the values come: whole-number columns as `int64`, floats as `float64`.
    public var type: TensorType
  }

  /// Where the elements of a list output stand.
  public enum Layout: Hashable, Sendable {
    /// One value a row.
    case row
    /// The row of each element.
    case list(rows: Int)
    /// So many elements in each row.
    case fixed(Int)
  }

  /// A result, as nodes.
  public struct Output: Hashable, Sendable {
    public var name: String
    public var type: DataType
    /// Shape `[rows]`, or `[elements]` for a list; elements that are missing are left out.
    public var values: Int
    public var layout: Layout
    /// Whether each row has a value, `nil` if every one has.
    ///
    /// Rows of a list that have none have no elements either.
    public var isPresent: Int?
    /// The integers it can be, where that is known: those of buckets, hashes, vocabularies.
    public var domain: ClosedRange<Int64>?

    /// What it is made of.
    var nodes: [Int] {
      var nodes = [values]
      if let isPresent { nodes.append(isPresent) }
      if case .list(let rows) = layout { nodes.append(rows) }
      return nodes
    }
  }

  public struct Vocabulary: Hashable, Sendable {
    /// The file it is published in; `nil` for one that stands in a formula, or whose file holds
    /// frequencies as well.
    public var asset: String?
    /// The bytes of each; of a token that comes again, the first place counts.
    public var tokens: [[UInt8]]

    /// Each token once, with its place.
    public var entries: (tokens: [[UInt8]], positions: [Int64]) {
      var distinct: [[UInt8]] = []
      var positions: [Int64] = []
      var seen: Set<[UInt8]> = []
      for (position, token) in tokens.enumerated() where seen.insert(token).inserted {
        distinct.append(token)
        positions.append(Int64(position))
      }
      return (distinct, positions)
    }
  }

  public let features: [Feature]
  public let nodes: [Node]
  public let vocabularies: [Vocabulary]
  public let outputs: [Output]
}

/// Why a transform cannot be written in a foreign format.
public struct UnsupportedExport: Error, Hashable, Sendable, CustomStringConvertible {
  /// The output whose formula it is about, where known.
  public var output: String?
  public var reason: String

  public init(_ reason: String, output: String? = nil) {
    self.reason = reason
    self.output = output
  }

  public var description: String { output.map { "\($0): \(reason)" } ?? reason }
}
