import Columns

/// Types expressions and lays them out as steps, equal ones once.
struct ProgramBuilder {
  private enum Key: Hashable {
    case column(String)
    case constant(ConstantValue)
    /// A function with, for each argument, its step or its constant.
    case call(String, [Operand])
    case run(ModelRun.Key)
    case output(run: Int, Int)
  }

  private enum Operand: Hashable {
    case step(Int)
    case parameter(ConstantValue)
  }

  private let schema: Schema
  private let constants: [String: ConstantValue]
  private var known: [Key: Int] = [:]
  private var types: [DataType] = []
  /// Columns that something needs as they are, not only taken apart.
  private var identityColumns: Set<String> = []
  private(set) var steps: [RowProgram.Step] = []
  private(set) var kernels: [any RowKernel] = []
  private(set) var runs: [ModelRun] = []
  private(set) var inputColumns: [String] = []

  init(schema: Schema, constants: [String: ConstantValue]) {
    self.schema = schema
    self.constants = constants
  }

  var plainStringColumns: Set<String> {
    Set(
      inputColumns.filter {
        schema.field(named: $0)?.type == .string && !identityColumns.contains($0)
      })
  }

  /// `needsIdentity` is false if what reads the output takes strings without ids.
  mutating func addOutput(
    _ expression: Expression, needsIdentity: Bool
  ) throws(ExpressionError) -> (step: Int, type: DataType) {
    let (step, type) = try addOperand(expression)
    if needsIdentity { keepIdentity(of: step) }
    return (step, type)
  }

  /// The step of `expression`, which must be a value of rows.
  mutating func addOperand(
    _ expression: Expression
  ) throws(ExpressionError) -> (step: Int, type: DataType) {
    let operand = try add(expression)
    let step: Int
    switch operand {
    case .step(let known): step = known
    case .parameter(let value):
      guard let type = value.type else {
        throw ExpressionError(
          "\(expression.formula) is a parameter, not a value of rows", subject: expression)
      }
      step = append(.constant(value), .constant(value), type)
    }
    return (step, types[step])
  }

  private mutating func add(_ expression: Expression) throws(ExpressionError) -> Operand {
    if let value = try constant(expression) { return .parameter(value) }
    switch expression {
    case .column(let name):
      guard let field = schema.field(named: name) else {
        throw ExpressionError(
          "there is no column '\(name)'",
          suggestion: NearestName.of(name, among: schema.fields.map(\.name)), subject: expression)
      }
      if known[.column(name)] == nil { inputColumns.append(name) }
      return .step(append(.column(name), .column(name), field.type))
    case .list:
      throw ExpressionError("the elements of a list must be constants", subject: expression)
    case .call(let name, let arguments):
      return .step(try addCall(name, arguments, expression))
    case .number, .integer, .string, .bool, .model:
      preconditionFailure("\(expression) is a constant")
    }
  }

  /// The value of a literal or of `constant('name')`.
  private func constant(_ expression: Expression) throws(ExpressionError) -> ConstantValue? {
    if let literal = ConstantValue(literal: expression) { return literal }
    guard case .call(ConstantReference.functionName, let arguments) = expression else { return nil }
    guard arguments.count == 1, case .string(let name) = arguments[0].value else {
      throw ExpressionError("constant takes the name of a constant", subject: expression)
    }
    guard let value = constants[name] else {
      throw ExpressionError(
        "there is no constant '\(name)'", suggestion: NearestName.of(name, among: constants.keys),
        subject: expression)
    }
    return value
  }

  private mutating func addCall(
    _ name: String, _ given: [Expression.Argument], _ call: Expression
  ) throws(ExpressionError) -> Int {
    if case .model(let model)? = given.first?.value {
      return try addModelCall(model, given.dropFirst().map(\.value), of: call)
    }
    guard let function = RowFunctionCatalog.function(named: name) else {
      throw ExpressionError(
        "unknown function '\(name)'",
        suggestion: NearestName.of(name, among: RowFunctionCatalog.names), subject: call)
    }
    let bound = try function.signature.bind(given, of: call)
    var operands: [Operand] = []
    var site = CallSite(call: call, functionName: name, arguments: [])
    for (parameter, values) in zip(function.signature.parameters, bound.values) {
      for value in values {
        let operand = try add(value)
        operands.append(operand)
        site.arguments.append(argument(parameter.name, value, operand))
      }
    }
    if let step = known[.call(name, operands)] { return step }
    let compiled = try compile(function, &site)
    var inputs: [Int] = []
    for index in compiled.inputs {
      switch operands[index] {
      case .step(let step): inputs.append(step)
      case .parameter(let value):
        guard let type = value.type else { preconditionFailure("\(value) is read row by row") }
        inputs.append(append(.constant(value), .constant(value), type))
      }
      if !function.readsPlainStrings { keepIdentity(of: inputs[inputs.count - 1]) }
    }
    kernels.append(compiled.kernel)
    return append(
      .call(name, operands), .call(kernel: kernels.count - 1, inputs: inputs), compiled.type)
  }

  private func argument(
    _ name: String, _ expression: Expression, _ operand: Operand
  ) -> CallSite.Argument {
    switch operand {
    case .step(let step): .init(name: name, expression: expression, type: types[step])
    case .parameter(let value):
      .init(name: name, expression: expression, type: value.type, constant: value)
    }
  }

  /// Compiles the call; over lists, element by element if the function allows it.
  private func compile(
    _ function: RowFunction, _ site: inout CallSite
  ) throws(ExpressionError) -> CompiledCall {
    let lists = site.arguments.indices.filter {
      if case .list = site.arguments[$0].type { true } else { false }
    }
    guard function.isElementwise, !lists.isEmpty else { return try function.compile(site) }
    for index in lists {
      if case .list(let element) = site.arguments[index].type {
        site.arguments[index].type = element
      }
    }
    let compiled = try function.compile(site)
    let inputs = compiled.inputs.map { index -> ListKernel.Input in
      if let place = lists.firstIndex(of: index) { return .elements(place) }
      return site.arguments[index].constant.map(ListKernel.Input.constant) ?? .row
    }
    guard !inputs.contains(.row), lists.allSatisfy(compiled.inputs.contains) else {
      throw site.fail("lists with constants are supported; not a list with another column")
    }
    return CompiledCall(
      type: .list(compiled.type), inputs: lists,
      kernel: ListKernel(inner: compiled.kernel, inputs: inputs))
  }

  private mutating func append(_ key: Key, _ step: RowProgram.Step, _ type: DataType) -> Int {
    if let index = known[key] { return index }
    known[key] = steps.count
    steps.append(step)
    types.append(type)
    return steps.count - 1
  }

  /// The value of one output of the run that `key` names, which is added if it is new.
  mutating func appendOutput(
    _ output: Int, _ type: DataType, of key: ModelRun.Key, _ model: any RowModel
  ) -> Int {
    let step = append(.run(key), .run(runs.count), .bool)
    guard case .run(let run) = steps[step] else { preconditionFailure("step \(step) is no run") }
    if run == runs.count {
      runs.append(ModelRun(model, positions: key.positions, inputs: key.steps))
    }
    let place = runs[run].place(of: output)
    return append(.output(run: run, place), .output(run: run, place: place), type)
  }

  private mutating func keepIdentity(of step: Int) {
    if case .column(let name) = steps[step] { identityColumns.insert(name) }
  }
}

/// The form `constant('name')`, which stands for a value given to the program.
public enum ConstantReference {
  public static let functionName = "constant"

  /// The expression for the constant called `name`.
  public static func expression(_ name: String) -> Expression {
    .call(functionName, [.init(.string(name))])
  }
}
