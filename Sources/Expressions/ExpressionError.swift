/// A formula that cannot be read, or does not fit the columns it names.
///
/// The text is `column 14: unknown function 'scale_to_zscore'; did you mean 'scale_to_z_score'?`.
public struct ExpressionError: Error, Hashable, Sendable, CustomStringConvertible {
  public var message: String
  /// The place in the formula's text, counted in characters from 1; `nil` when only the
  /// expression is known. ``Formula/located(_:)`` fills it in.
  public var position: Int?
  /// The nearest valid name, if there is one.
  public var suggestion: String?
  /// The part of the expression that is at fault.
  public var subject: Expression?

  public init(
    _ message: String, at position: Int? = nil, suggestion: String? = nil,
    subject: Expression? = nil
  ) {
    self.message = message
    self.position = position
    self.suggestion = suggestion
    self.subject = subject
  }

  public var description: String {
    let place = position.map { "column \($0): " } ?? ""
    let hint = suggestion.map { "; did you mean '\($0)'?" } ?? ""
    return place + message + hint
  }
}
