import Expressions

/// A preprocessing function that cannot be built, or a graph that cannot be read.
///
/// The text is `fare_z: column 18: there is no column 'fair'; did you mean 'fare'?`.
public struct TransformError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The output, file or member concerned; `nil` for the whole.
  public var place: String?
  public var message: String

  public init(_ message: String, at place: String? = nil) {
    self.message = message
    self.place = place
  }

  init(_ error: ExpressionError, at place: String, in formula: Formula? = nil) {
    self.init((formula?.located(error) ?? error).description, at: place)
  }

  public var description: String { place.map { "\($0): \(message)" } ?? message }
}
