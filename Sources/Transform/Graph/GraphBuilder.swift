import Columns
import Dataflow
import Expressions

/// Replaces mappers by what they expand to, and analyzers by constants.
struct GraphBuilder {
  private let schema: Schema
  private let options: TransformOptions
  private(set) var analyzers: [TransformGraph.Analyzer] = []
  /// A value of each constant's type, to compile outputs before the constants are known.
  private(set) var placeholders: [String: ConstantValue] = [:]
  private var assetNames: Set<String> = []
  /// The phase of the analyzer that each constant comes from.
  private var phases: [String: Int] = [:]

  init(schema: Schema, options: TransformOptions) {
    self.schema = schema
    self.options = options
  }

  /// `expression` as a row expression over constants.
  mutating func lower(_ expression: Expression) throws(ExpressionError) -> Expression {
    switch expression {
    case .column, .number, .integer, .string, .bool, .model: return expression
    case .list(let elements):
      var lowered: [Expression] = []
      for element in elements { lowered.append(try lower(element)) }
      return .list(lowered)
    case .call(let name, let arguments):
      if let mapper = MapperCatalog.mapper(named: name) {
        do {
          return try lower(try mapper.expand(arguments, of: expression))
        } catch let error {
          throw Self.placed(error, in: expression)
        }
      }
      if AggregateFunctionCatalog.isAggregate(expression) { return try analyze(expression) }
      guard RowFunctionCatalog.function(named: name) != nil else {
        throw unknown(name, expression)
      }
      var lowered: [Expression.Argument] = []
      for argument in arguments {
        lowered.append(.init(label: argument.label, try lower(argument.value)))
      }
      return .call(name, lowered)
    }
  }

  /// An error about a part that only the expansion has is one about the mapper's call.
  static func placed(_ error: ExpressionError, in call: Expression) -> ExpressionError {
    guard let subject = error.subject, !contains(call, subject) else { return error }
    var placed = error
    placed.subject = call
    return placed
  }

  private static func contains(_ whole: Expression, _ part: Expression) -> Bool {
    if whole == part { return true }
    switch whole {
    case .call(_, let arguments): return arguments.contains { contains($0.value, part) }
    case .list(let elements): return elements.contains { contains($0, part) }
    default: return false
    }
  }

  private func unknown(_ name: String, _ call: Expression) -> ExpressionError {
    let planned = (MapperCatalog.entries + AnalyzerCatalog.entries).first { $0.name == name }
    if case .planned(let reason) = planned?.status {
      return ExpressionError("'\(name)' is not supported: \(reason)", subject: call)
    }
    let names =
      RowFunctionCatalog.names + MapperCatalog.all.map(\.name) + AggregateFunctionCatalog.names
    return ExpressionError(
      "unknown function '\(name)'", suggestion: NearestName.of(name, among: names), subject: call)
  }

  /// The constant that stands for the analyzer `call`.
  ///
  /// An analyzer that reads others' constants, by mappers or calls in its arguments, is of the phase
  /// after theirs.
  private mutating func analyze(_ call: Expression) throws(ExpressionError) -> Expression {
    guard case .call(let name, let given) = call,
      let function = AggregateFunctionCatalog.function(named: name)
    else { preconditionFailure("\(call) is no aggregate") }
    let bound = try function.signature.bind(options.completed(given, of: function), of: call)
    let canonical = Self.canonical(bound)
    let formula = canonical.formula
    let reference = ConstantReference.expression(formula)
    if placeholders[formula] != nil { return reference }
    guard case .call(_, let arguments) = canonical else { return reference }
    var lowered: [Expression.Argument] = []
    for argument in arguments {
      lowered.append(.init(label: argument.label, try lower(argument.value)))
    }
    let phase = lowered.map { self.phase(after: $0.value) }.max() ?? 0
    let map = phase > 0 ? pushDown(name, &lowered) : nil
    let aggregate: ResolvedAggregate
    do {
      aggregate = try AggregateFunctionCatalog.resolve(
        .call(name, lowered), schema: schema, constants: placeholders,
        quantileBudget: options.quantileBudget)
    } catch {
      throw Self.placed(error, in: call)
    }
    let asset =
      aggregate.resultType == .vocabulary ? try asset(bound, call) : nil
    analyzers.append(
      .init(formula: formula, aggregate: aggregate, asset: asset, phase: phase, map: map))
    placeholders[formula] = aggregate.resultType.placeholder
    phases[formula] = phase
    return reference
  }

  /// Puts in place of the first argument what its path begins at, and returns the path; or `nil`
  /// where that is not exact.
  private func pushDown(_ name: String, _ arguments: inout [Expression.Argument]) -> Expression? {
    let others = arguments.dropFirst()
    guard !others.contains(where: { $0.label == "reduce_instance_dims" }),
      others.allSatisfy({ phase(after: $0.value) == 0 }), let first = arguments.first
    else { return nil }
    if ["min", "max"].contains(name) {
      guard others.allSatisfy({ $0.label == "nan" && $0.value == .string("skip") }),
        let path = MonotonePath(first.value, keepsFinite: true), let base = floats(path.base)
      else { return nil }
      arguments[0].value = base
      return path.map
    }
    guard name == "quantiles", let path = MonotonePath(first.value) else { return nil }
    arguments[0].value = path.base
    return path.map
  }

  /// `expression` as floats; `nil` if it is none of a number a row.
  private func floats(_ expression: Expression) -> Expression? {
    let program = try? RowProgram([expression], schema: schema, constants: placeholders)
    switch program?.outputTypes[0] {
    case .float32, .float64: return expression
    case .int64, .bool: return .call("float", [.init(expression)])
    default: return nil
    }
  }

  /// The first phase in which all constants of `expression` are known.
  private func phase(after expression: Expression) -> Int {
    switch expression {
    case .column, .number, .integer, .string, .bool, .model: return 0
    case .list(let elements): return elements.map { phase(after: $0) }.max() ?? 0
    case .call(ConstantReference.functionName, let arguments):
      guard case .string(let formula) = arguments.first?.value else { return 0 }
      return (phases[formula] ?? -1) + 1
    case .call(_, let arguments): return arguments.map { phase(after: $0.value) }.max() ?? 0
    }
  }

  /// The call with required arguments by position and others by keyword, defaults left out.
  private static func canonical(_ bound: BoundArguments) -> Expression {
    var arguments: [Expression.Argument] = []
    for (parameter, values) in zip(bound.signature.parameters, bound.values) {
      let isRequired = parameter.fallback == nil
      for value in values where isRequired || value != parameter.fallback {
        arguments.append(.init(label: isRequired ? nil : parameter.name, value))
      }
    }
    return .call(bound.signature.name, arguments)
  }

  /// Names the file: `vocab_filename`, or the letters of the formula, made unique.
  private mutating func asset(
    _ bound: BoundArguments, _ call: Expression
  ) throws(ExpressionError) -> VocabularyAsset {
    var asset = VocabularyAsset(
      name: "", storesFrequency: bound["store_frequency"] == .bool(true))
    if bound["file_format"] == .string(VocabularyAsset.Format.tfrecordGzip.rawValue) {
      asset.format = .tfrecordGzip
    }
    if case .string(let name) = bound["vocab_filename"] {
      guard Self.isFileName(name) else {
        throw ExpressionError(
          "'vocab_filename' may hold letters, digits, '_', '-' and '.', and not begin with '.': "
            + "'\(name)'", subject: call)
      }
      asset.name = name
      guard assetNames.insert(asset.fileName).inserted else {
        throw ExpressionError("two vocabularies are called '\(name)'", subject: call)
      }
      return asset
    }
    let letters = bound["x"].formula.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    let stem = "vocabulary_" + String(letters).prefix(40)
    asset.name = stem
    var number = 1
    while !assetNames.insert(asset.fileName).inserted {
      number += 1
      asset.name = "\(stem)_\(number)"
    }
    return asset
  }

  static func isFileName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && name.utf8.count <= 128
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
  }
}

extension AggregateResultType {
  /// Any value of the type.
  var placeholder: ConstantValue {
    switch self {
    case .int64: .int64(0)
    case .float64: .float64(0)
    case .floats: .floats([])
    case .vocabulary: .tokens(TokenList())
    case .table: .table(KeyedTable(keys: TokenList(), width: 0, values: []))
    }
  }
}
