public import Columns
public import Dataflow
public import Expressions

/// A preprocessing function taken apart: analyzers that are still open, and row expressions over
/// the constants they will give.
public struct TransformGraph: Sendable {
  /// A full-pass statistic; equal ones exist once.
  public struct Analyzer: Sendable {
    /// The canonical call, such as `quantiles(fare, 10)`; `constant('…')` of it is its value.
    public let formula: String
    public let aggregate: ResolvedAggregate
    /// The file that a vocabulary is written to.
    public let asset: VocabularyAsset?
    /// Its inputs depend on constants of earlier phases only.
    public let phase: Int
    /// Pushed down: `aggregate` runs in the first phase, and this, over the column
    /// ``MonotonePath/variable``, maps its values in the phase.
    let map: Expression?

    /// The phase in which `aggregate` reads rows.
    var accumulationPhase: Int { map == nil ? phase : 0 }
  }

  public struct Output: Sendable {
    public let name: String
    /// What the user wrote, in canonical form.
    public let source: Expression
    /// A row expression over the input columns and constants.
    public let expression: Expression
    public let type: DataType
  }

  /// In order of first use.
  public let analyzers: [Analyzer]
  public let outputs: [Output]
  /// The columns the outputs read, in order of first use: what serving needs.
  public let inputs: [Field]
  /// How later phases get their rows.
  public let phases: PhaseStrategy

  /// Takes `fn` apart and types it against the columns of `schema`.
  ///
  /// - Throws: ``TransformError`` with the output and the column of its formula.
  public init(
    _ fn: PreprocessingFn, schema: Schema, options: TransformOptions = TransformOptions()
  ) throws(TransformError) {
    var builder = GraphBuilder(schema: schema, options: options)
    var lowered: [Expression] = []
    for output in fn.outputs {
      do {
        lowered.append(try builder.lower(output.expression))
      } catch {
        throw TransformError(error, at: output.name, in: output.formula)
      }
    }
    analyzers = builder.analyzers
    phases = options.phases
    var outputs: [Output] = []
    for (output, expression) in zip(fn.outputs, lowered) {
      do {
        outputs.append(
          try Self.output(
            output, options.finished(expression, schema, builder.placeholders), schema,
            builder.placeholders))
      } catch {
        throw TransformError(
          GraphBuilder.placed(error, in: output.expression), at: output.name, in: output.formula)
      }
    }
    self.outputs = outputs
    inputs = try Self.inputs(lowered, schema, builder.placeholders)
  }

  private static func output(
    _ output: PreprocessingFn.Output, _ expression: Expression, _ schema: Schema,
    _ constants: [String: ConstantValue]
  ) throws(ExpressionError) -> Output {
    let program = try RowProgram([expression], schema: schema, constants: constants)
    return Output(
      name: output.name, source: output.expression, expression: expression,
      type: program.outputTypes[0])
  }

  /// The fields all outputs together read.
  static func inputs(
    _ expressions: [Expression], _ schema: Schema, _ constants: [String: ConstantValue]
  ) throws(TransformError) -> [Field] {
    do {
      let program = try RowProgram(expressions, schema: schema, constants: constants)
      return program.inputColumns.compactMap { schema.field(named: $0) }
    } catch {
      throw TransformError(error.description)
    }
  }
}

/// How a vocabulary is written to a file of one token a line or record.
public struct VocabularyAsset: Hashable, Sendable {
  /// As TFT calls them.
  public enum Format: String, Hashable, Sendable {
    case text
    /// Records of a TFRecord file, in gzip.
    case tfrecordGzip = "tfrecord_gzip"
  }

  public var name: String
  /// Whether a line is `count token`, not the token alone.
  public var storesFrequency: Bool
  public var format = Format.text

  /// The name of the file, without a directory; TFT's.
  public var fileName: String { format == .text ? name : name + ".tfrecord.gz" }
}
