/// A column that the engine makes, for what must know a row from every other: a hash of its split
/// and of where it begins there, so the same however rows are read.
public enum RowIdentity {
  /// What formulas call it; of type int.
  public static let columnName = "__row"
}
