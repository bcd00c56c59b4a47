/// Which slices are made: one for each combination of values of `featureKeys` among the rows that
/// have all of `featureValues`.
///
/// Both empty is the overall slice. A row that lacks a named feature is in no slice of the spec.
/// Source: TFMA `SlicingSpec`; a value `"3"` also matches the integer 3.
public struct SlicingSpec: Hashable, Sendable {
  public var featureKeys: [String]
  public var featureValues: [FeatureValue]

  public struct FeatureValue: Hashable, Sendable {
    public var feature: String
    public var value: String

    public init(_ feature: String, _ value: String) {
      self.feature = feature
      self.value = value
    }
  }

  public init(_ featureKeys: [String] = [], values featureValues: [FeatureValue] = []) {
    self.featureKeys = featureKeys
    self.featureValues = featureValues
  }

  /// The slice of all rows.
  public static let overall = SlicingSpec()

  /// Every feature named, ordered by bytes.
  var features: [String] {
    (featureKeys + featureValues.map(\.feature)).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
  }
}
