/// A row expression over named columns: what one formula says.
///
/// A call whose function is an aggregate (`mean(fare)`) stays a `.call` here; whoever knows
/// aggregates takes it out before the rest is compiled.
public indirect enum Expression: Hashable, Sendable {
  case column(String)
  case number(Double)
  case integer(Int64)
  case string(String)
  case bool(Bool)
  /// The model that ``ModelFunction`` calls, in place of its path; see ``bindingModels(_:)``.
  case model(ModelCall)
  /// A literal list, such as `[0.1, 0.5]`.
  case list([Expression])
  /// A function or operator by its catalogue name; operators are calls of `add`, `less`, `and`, ….
  case call(String, [Argument])

  public struct Argument: Hashable, Sendable {
    /// The keyword, or `nil` for a positional argument.
    public var label: String?
    public var value: Expression

    public init(label: String? = nil, _ value: Expression) {
      self.label = label
      self.value = value
    }
  }
}
