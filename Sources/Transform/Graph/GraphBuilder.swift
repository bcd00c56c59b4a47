import Columns
import Dataflow
import Expressions

/// Replaces mappers by what they expand to, and analyzers by constants.
struct GraphBuilder {
  private let schema: Schema
  private(set) var analyzers: [TransformGraph.Analyzer] = []
  /// A value of each constant's type, to compile outputs before the constants are known.
  private(set) var placeholders: [String: ConstantValue] = [:]
  private var assetNames: Set<String> = []

  init(schema: Schema) { self.schema = schema }

  /// `expression` as a row expression over constants.
  mutating func lower(_ expression: Expression) throws(ExpressionError) -> Expression {
    switch expression {
    case .column, .number, .integer, .string, .bool: return expression
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
  private static func placed(_ error: ExpressionError, in call: Expression) -> ExpressionError {
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
      return ExpressionError("'\(name)' is not supported yet: \(reason)", subject: call)
    }
    let names =
      RowFunctionCatalog.names + MapperCatalog.all.map(\.name) + AggregateFunctionCatalog.names
    return ExpressionError(
      "unknown function '\(name)'", suggestion: NearestName.of(name, among: names), subject: call)
  }

  private mutating func analyze(_ call: Expression) throws(ExpressionError) -> Expression {
    guard case .call(let name, let given) = call,
      let function = AggregateFunctionCatalog.function(named: name)
    else { preconditionFailure("\(call) is no aggregate") }
    for argument in given where Self.dependsOnAnalyzer(argument.value) {
      throw ExpressionError(
        "\(argument.value.formula) inside \(name)(…) needs two phases; not supported yet",
        subject: argument.value)
    }
    let bound = try function.signature.bind(given, of: call)
    let formula = Self.canonical(bound).formula
    let reference = ConstantReference.expression(formula)
    if placeholders[formula] != nil { return reference }
    let aggregate = try AggregateFunctionCatalog.resolve(call, schema: schema)
    let asset =
      aggregate.resultType == .vocabulary ? try asset(bound, call) : nil
    analyzers.append(.init(formula: formula, aggregate: aggregate, asset: asset))
    placeholders[formula] = aggregate.resultType.placeholder
    return reference
  }

  static func dependsOnAnalyzer(_ expression: Expression) -> Bool {
    switch expression {
    case .column, .number, .integer, .string, .bool: return false
    case .list(let elements): return elements.contains(where: dependsOnAnalyzer)
    case .call(let name, let arguments):
      return MapperCatalog.mapper(named: name) != nil
        || AggregateFunctionCatalog.isAggregate(expression)
        || arguments.contains { dependsOnAnalyzer($0.value) }
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
    let storesFrequency = bound["store_frequency"] == .bool(true)
    if case .string(let name) = bound["vocab_filename"] {
      guard Self.isFileName(name) else {
        throw ExpressionError(
          "'vocab_filename' may hold letters, digits, '_', '-' and '.', and not begin with '.': "
            + "'\(name)'", subject: call)
      }
      guard assetNames.insert(name).inserted else {
        throw ExpressionError("two vocabularies are called '\(name)'", subject: call)
      }
      return VocabularyAsset(name: name, storesFrequency: storesFrequency)
    }
    let letters = bound["x"].formula.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    let stem = "vocabulary_" + String(letters).prefix(40)
    var name = stem
    var number = 1
    while !assetNames.insert(name).inserted {
      number += 1
      name = "\(stem)_\(number)"
    }
    return VocabularyAsset(name: name, storesFrequency: storesFrequency)
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
    }
  }
}
