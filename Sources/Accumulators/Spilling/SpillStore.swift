/// Where states put what they have no room for in memory, until they read it again.
public protocol SpillStore: Sendable {
  /// Puts away all that `write` appends, in order.
  ///
  /// - Returns: The bytes; `nil` if the store takes no more. Then what was to be put away stays
  ///   where it is.
  func put(_ write: (_ append: @escaping ([UInt8]) -> Void) -> Void) -> (any SpilledBytes)?
  /// Why the store takes no more, if it does not.
  var failure: (any Error)? { get }
}

/// Bytes outside of memory; their place is free again when the last reference is gone.
public protocol SpilledBytes: AnyObject, Sendable {
  /// The bytes of `range`, which were written.
  ///
  /// - Note: Ends the process if they cannot be read: what depends on them has no other source, and
  ///   a run goes on from its checkpoint.
  func read(_ range: Range<Int>) -> [UInt8]
}

/// A store, and how much may be in memory instead.
public struct Spilling: Sendable {
  public var store: any SpillStore
  /// Bytes of all that can be put away.
  public var budget: Int

  public init(_ store: any SpillStore, budget: Int) {
    self.store = store
    self.budget = budget
  }
}
