/// Which of the two inputs of a label join a row is of.
public enum JoinSide: Int, Hashable, Codable, Sendable, CaseIterable {
  case predictions, labels

  /// As in job files and in the names of splits.
  public var name: String {
    switch self {
    case .predictions: "predictions"
    case .labels: "labels"
    }
  }
}
