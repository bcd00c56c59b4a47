public import Dataflow

/// The feature values that its rows share; none for the overall slice.
public struct SliceKey: Hashable, Sendable, CustomStringConvertible {
  public struct Feature: Hashable, Sendable {
    public var name: String
    public var value: KeyValue

    public init(_ name: String, _ value: KeyValue) {
      self.name = name
      self.value = value
    }
  }

  /// Ordered by name.
  public let features: [Feature]

  /// The slice of `features`, given in any order.
  public init(_ features: [Feature] = []) {
    self.features = features.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// The slice of `names`, ordered, with `values` in that order.
  init(names: [String], values: [KeyValue]) {
    features = zip(names, values).map { Feature($0, $1) }
  }

  /// The slice of `names`, ordered, with the leading components of key `index` of `keys`.
  init(names: [String], _ keys: KeyTable, _ index: Int) {
    features = names.indices.map { Feature(names[$0], keys.component($0, of: index)) }
  }

  public static let overall = SliceKey()

  public var description: String {
    features.isEmpty
      ? "overall"
      : features.map { "\($0.name)=\($0.value.text)" }.joined(separator: ", ")
  }
}
