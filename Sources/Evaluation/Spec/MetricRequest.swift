public import Expressions

/// A metric asked for, with its parameters; the parameter `name` renames it in the snapshot.
public struct MetricRequest: Hashable, Sendable {
  public var name: String
  public var parameters: [String: ParameterValue]
  /// The classes or ranks it is computed for, one by one; none for the prediction as a whole.
  public var subKeys: [SubKey] = []
  public var aggregation: Aggregation?
  /// Whether weights enter; metrics that never weigh do not even so.
  public var isWeighted = true
  /// Whose rows are ranked together, for a metric by query.
  public var query: Expression?
  /// The models it is computed for; `nil` for each.
  public var models: [String]?
  /// The outputs it is computed for; `nil` for each.
  public var outputs: [String]?
  /// Where it stands in its configuration, if not in the block `evaluate`.
  var location: String?

  public init(_ name: String, _ parameters: [String: ParameterValue] = [:]) {
    self.name = name
    self.parameters = parameters
  }

  /// How the classes' values become one.
  public struct Aggregation: Hashable, Sendable {
    public var type: AggregationType
    /// By class; a class that is not named weighs 0, if any is.
    public var classWeights: [Int: Double]

    public init(_ type: AggregationType, classWeights: [Int: Double] = [:]) {
      self.type = type
      self.classWeights = classWeights
    }

    func weight(of subKey: SubKey) -> Double {
      classWeights.isEmpty ? 1 : classWeights[subKey.number] ?? 0
    }
  }

  /// The name in the snapshot.
  var outputName: String {
    if case .text(let name)? = parameters["name"] { name } else { name }
  }

  /// With the parameters `class_id`, `k` and `top_k`, where `definition` has none of that name, as
  /// the sub-keys they mean.
  func withSubKeys(of definition: MetricDefinition) -> MetricRequest {
    var request = self
    for (name, subKey) in [
      ("class_id", SubKey.classID), ("k", SubKey.k), ("top_k", SubKey.topK),
    ] where !definition.parameters.contains(where: { $0.name == name }) {
      guard case .number(let number)? = parameters[name], let value = Int(exactly: number) else {
        continue
      }
      request.parameters[name] = nil
      request.subKeys.append(subKey(value))
    }
    return request
  }
}
