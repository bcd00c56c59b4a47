/// A library or model that cannot be used, with what was found and what helps.
public struct ModelRuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String

  init(_ description: String) { self.description = description }
}
