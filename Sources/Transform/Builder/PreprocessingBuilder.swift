/// Collects the outputs of a ``PreprocessingFn`` written in Swift.
@resultBuilder
public enum PreprocessingBuilder {
  public static func buildBlock(_ outputs: [PreprocessingFn.Output]...) -> [PreprocessingFn.Output]
  {
    outputs.flatMap { $0 }
  }

  public static func buildExpression(_ output: PreprocessingFn.Output) -> [PreprocessingFn.Output] {
    [output]
  }

  public static func buildArray(_ outputs: [[PreprocessingFn.Output]]) -> [PreprocessingFn.Output] {
    outputs.flatMap { $0 }
  }

  public static func buildOptional(
    _ outputs: [PreprocessingFn.Output]?
  ) -> [PreprocessingFn.Output] {
    outputs ?? []
  }

  public static func buildEither(
    first outputs: [PreprocessingFn.Output]
  ) -> [PreprocessingFn.Output] { outputs }

  public static func buildEither(
    second outputs: [PreprocessingFn.Output]
  ) -> [PreprocessingFn.Output] { outputs }
}

extension PreprocessingFn {
  /// The graph that the same formulas would make: `PreprocessingFn { "z" => scaleToZScore("fare") }`.
  ///
  /// - Throws: ``TransformError`` when there is no output, or a name is empty or repeated.
  public init(
    @PreprocessingBuilder _ outputs: () -> [Output]
  ) throws(TransformError) {
    try self.init(outputs: outputs())
  }
}
