/// Every row function, in the order of the documentation.
public enum RowFunctionCatalog {
  public static let all: [RowFunction] = [
    .add, .subtract, .multiply, .divide, .modulo, .negate,
  ]

  /// The names of ``all``.
  public static var names: [String] { all.map(\.name) }

  /// The function called `name`, or `nil`.
  public static func function(named name: String) -> RowFunction? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
