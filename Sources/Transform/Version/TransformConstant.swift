import Dataflow
public import Expressions

/// The value of an analyzer in one version of a transform.
public struct TransformConstant: Hashable, Sendable {
  /// The analyzer's canonical call; `constant('…')` of it refers to this value.
  public var formula: String
  public var value: ConstantValue
  /// The bound of the error in words; `nil` when the value is exact.
  public var errorBound: String?
  /// Where the tokens of a vocabulary are written.
  public var asset: VocabularyAsset?
  /// Parallel to the tokens, when their file stores it: the sum of weights, else the count.
  public var frequencies: [Double] = []
}

extension TransformConstant {
  /// The constant that `reading` is, for `analyzer`.
  ///
  /// Nothing to analyze gives TFT's values: 0, for extremes ±inf (an int column: the type's
  /// bounds), no boundaries, no tokens.
  ///
  /// - Throws: ``TransformError`` for a reading that is an error.
  init(
    _ analyzer: TransformGraph.Analyzer, _ reading: AggregateReading
  ) throws(TransformError) {
    if let fault = reading.fault { throw TransformError(fault, at: analyzer.formula) }
    formula = analyzer.formula
    errorBound = reading.errorBound
    asset = analyzer.asset
    switch reading.value {
    case .int64(let value): self.value = .int64(value)
    case .float64(let value): self.value = .float64(value)
    case .floats(let values): self.value = .floats(values)
    case .table(let table): self.value = .table(table)
    case .vocabulary(let entries):
      var tokens = TokenList()
      for entry in entries { tokens.append(entry.token) }
      value = .tokens(tokens)
      if analyzer.asset?.storesFrequency == true { frequencies = entries.map(\.weight) }
    case .missing: value = Self.empty(analyzer)
    }
  }

  private static func empty(_ analyzer: TransformGraph.Analyzer) -> ConstantValue {
    let isLeast = analyzer.formula.hasPrefix("min(")
    let isExtreme = isLeast || analyzer.formula.hasPrefix("max(")
    switch analyzer.aggregate.resultType {
    case .int64: return .int64(isExtreme ? (isLeast ? .max : .min) : 0)
    case .float64: return .float64(isExtreme ? (isLeast ? .infinity : -.infinity) : 0)
    case .floats: return .floats([])
    case .vocabulary: return .tokens(TokenList())
    case .table: return .table(KeyedTable(keys: TokenList(), width: 0, values: []))
    }
  }
}
