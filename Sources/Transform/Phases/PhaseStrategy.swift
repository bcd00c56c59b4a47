/// How analyzers that depend on the constants of others get their rows.
public enum PhaseStrategy: String, Hashable, Sendable, CaseIterable {
  /// The rows of the window are kept, and a pass over them is made for each phase: exact.
  case exact
  /// The rows since the last version are kept; at the next one they are passed over with its
  /// constants, added to what the analyzers hold, and dropped.
  ///
  /// Rows of earlier versions were seen with the constants of those, so results depend on when
  /// versions were made.
  case lagged
}
