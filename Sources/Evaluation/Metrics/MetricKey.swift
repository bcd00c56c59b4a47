/// Which part of a prediction of several classes a metric is about.
public enum SubKey: Hashable, Sendable {
  /// One class against the rest.
  case classID(Int)
  /// The class of the k-th greatest score.
  case k(Int)
  /// The classes of the k greatest scores, all others predicted negative.
  case topK(Int)

  /// As TFMA's `SubKey` calls it.
  var name: String {
    switch self {
    case .classID: "class_id"
    case .k: "k"
    case .topK: "top_k"
    }
  }

  public var number: Int {
    switch self {
    case .classID(let number), .k(let number), .topK(let number): number
    }
  }
}

/// How the values of several classes become one.
public enum AggregationType: String, Hashable, Sendable, CaseIterable {
  /// All classes of all rows taken together.
  case micro = "micro_average"
  /// The mean of the classes' values.
  case macro = "macro_average"
  /// The mean of the classes' values, weighted by how often each is the label.
  case weightedMacro = "weighted_macro_average"
}

/// Which metric a value belongs to.
///
/// The results of all slices share what it says: a copy costs one reference, however many texts
/// there are.
public struct MetricKey: Hashable, Sendable {
  private struct Fields: Hashable, Sendable {
    var name: String
    var model: String
    var output: String
    var subKey: SubKey?
    var aggregation: AggregationType?
    var isWeighted: Bool
    var isDiff: Bool
  }

  private final class Shared: Sendable {
    let fields: Fields

    init(_ fields: Fields) { self.fields = fields }
  }

  private var shared: Shared

  public init(
    name: String, model: String = "", output: String = "", subKey: SubKey? = nil,
    aggregation: AggregationType? = nil, isWeighted: Bool = false, isDiff: Bool = false
  ) {
    shared = Shared(
      Fields(
        name: name, model: model, output: output, subKey: subKey, aggregation: aggregation,
        isWeighted: isWeighted, isDiff: isDiff))
  }

  public var name: String {
    get { shared.fields.name }
    set { update { $0.name = newValue } }
  }

  public var model: String {
    get { shared.fields.model }
    set { update { $0.model = newValue } }
  }

  public var output: String { shared.fields.output }
  public var subKey: SubKey? { shared.fields.subKey }
  public var aggregation: AggregationType? { shared.fields.aggregation }

  /// Whether example weights entered, as TFMA's `example_weighted`.
  public var isWeighted: Bool { shared.fields.isWeighted }

  /// Whether the value compares a model with the baseline.
  public var isDiff: Bool {
    get { shared.fields.isDiff }
    set { update { $0.isDiff = newValue } }
  }

  private mutating func update(_ change: (inout Fields) -> Void) {
    var fields = shared.fields
    change(&fields)
    shared = Shared(fields)
  }

  public static func == (one: MetricKey, two: MetricKey) -> Bool {
    one.shared === two.shared || one.shared.fields == two.shared.fields
  }

  public func hash(into hasher: inout Hasher) { shared.fields.hash(into: &hasher) }
}
