/// Whether a function of TFT can be used.
public enum SupportStatus: Hashable, Sendable {
  case supported
  /// Not there yet, or not to be; with the reason.
  case planned(String)
}

/// A line of `limno catalog`.
public struct CatalogEntry: Hashable, Sendable {
  public var name: String
  /// As Python would show it; the bare name when it is not supported.
  public var signature: String
  public var summary: String
  public var status: SupportStatus

  static func planned(_ name: String, _ reason: String) -> CatalogEntry {
    CatalogEntry(name: name, signature: name, summary: "", status: .planned(reason))
  }
}
