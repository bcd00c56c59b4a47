import Columns
import Dataflow
import Expressions

extension TransformGraph {
  /// The greatest phase of an analyzer; 0 if one pass over the rows is enough.
  public var lastPhase: Int { analyzers.map(\.phase).max() ?? 0 }

  /// The fields that analyzers of later phases read, in order of first use.
  func spooledColumns(_ schema: Schema) throws(TransformError) -> Schema {
    let placeholders = Dictionary(
      analyzers.map { ($0.formula, $0.aggregate.resultType.placeholder) },
      uniquingKeysWith: { first, _ in first })
    let expressions = analyzers.filter { $0.phase > 0 }.flatMap(\.aggregate.use.inputs)
    let fields = try Self.inputs(expressions, schema, placeholders)
    guard fields.isEmpty, !expressions.isEmpty || lastPhase > 0 else { return Schema(fields) }
    // Constants alone, once a row: any column counts the rows.
    return Schema(Array(schema.fields.prefix(1)))
  }
}
