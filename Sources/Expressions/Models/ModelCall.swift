/// A model bound to a call: which of its inputs the arguments are, and which output the value is.
public struct ModelCall: Hashable, Sendable {
  public let model: any RowModel
  /// The input that each argument after this one is, by position.
  let inputs: [Int]
  /// The position of the output.
  let output: Int

  public static func == (one: ModelCall, two: ModelCall) -> Bool {
    one.model.reference == two.model.reference && one.inputs == two.inputs
      && one.output == two.output
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(model.reference)
    hasher.combine(inputs)
    hasher.combine(output)
  }
}

/// A model as a formula names it.
public struct ModelRequest: Hashable, Sendable {
  public var function: ModelFunction
  public var path: String
  public var signature: String?

  public init(function: ModelFunction, path: String, signature: String?) {
    self.function = function
    self.path = path
    self.signature = signature
  }
}

/// Opens the model that is asked for.
public typealias ModelOpener = (ModelRequest) throws(ModelFailure) -> any RowModel

extension Expression {
  /// This expression with the calls of models bound to the models that `open` gives.
  ///
  /// - Throws: ``ExpressionError`` about a call whose model cannot be opened, or does not have the
  ///   inputs and outputs that it names.
  public func bindingModels(_ open: ModelOpener) throws(ExpressionError) -> Expression {
    switch self {
    case .column, .number, .integer, .string, .bool, .model: return self
    case .list(let elements):
      var bound: [Expression] = []
      for element in elements { bound.append(try element.bindingModels(open)) }
      return .list(bound)
    case .call(let name, let arguments):
      var bound: [Argument] = []
      for argument in arguments {
        bound.append(Argument(label: argument.label, try argument.value.bindingModels(open)))
      }
      guard let function = ModelFunction(rawValue: name), case .string? = bound.first?.value else {
        return .call(name, bound)
      }
      return try ModelBinding(function, bound, of: self).bind(open)
    }
  }

  /// The models that this expression calls, once each, in order of first use.
  public var models: [any RowModel] {
    switch self {
    case .column, .number, .integer, .string, .bool: return []
    case .model(let call): return [call.model]
    case .list(let elements): return elements.flatMap(\.models).distinct
    case .call(_, let arguments): return arguments.flatMap(\.value.models).distinct
    }
  }
}

extension [any RowModel] {
  /// Each once.
  public var distinct: [any RowModel] {
    var known: Set<ModelReference> = []
    return filter { known.insert($0.reference).inserted }
  }
}

/// What a call of a model says, apart.
private struct ModelBinding {
  private let function: ModelFunction
  private let call: Expression
  private let path: String
  private var signature: String?
  private var output: String?
  private var given: [Expression.Argument] = []

  init(
    _ function: ModelFunction, _ arguments: [Expression.Argument], of call: Expression
  ) throws(ExpressionError) {
    self.function = function
    self.call = call
    guard case .string(let path)? = arguments.first?.value else {
      preconditionFailure("\(call) names no model")
    }
    self.path = path
    for argument in arguments.dropFirst() {
      switch argument.label {
      case "output": output = try Self.text(argument, call)
      case "signature" where function == .savedModel: signature = try Self.text(argument, call)
      default: given.append(argument)
      }
    }
  }

  private static func text(
    _ argument: Expression.Argument, _ call: Expression
  ) throws(ExpressionError) -> String? {
    switch argument.value {
    case .string(let text): return text
    case .none: return nil
    default:
      throw ExpressionError("'\(argument.label ?? "")' must be a text", subject: call)
    }
  }

  func bind(_ open: ModelOpener) throws(ExpressionError) -> Expression {
    let model: any RowModel
    do {
      model = try open(ModelRequest(function: function, path: path, signature: signature))
    } catch {
      throw fail(error.description)
    }
    let (inputs, values) = try arguments(model)
    let bound = ModelCall(model: model, inputs: inputs, output: try output(model))
    return .call(
      function.rawValue, [.init(.model(bound))] + values.map { Expression.Argument($0) })
  }

  /// The inputs that are given, in the model's order.
  private func arguments(
    _ model: any RowModel
  ) throws(ExpressionError) -> (inputs: [Int], values: [Expression]) {
    var values: [Int: Expression] = [:]
    let positional = given.filter { $0.label == nil }.map(\.value)
    let open = model.inputs.indices.filter { input in
      !given.contains { $0.label == model.inputs[input].name }
    }
    if positional.count > open.count, open.count == 1 {
      // One vector, given number by number.
      values[open[0]] = .call("stack", positional.map { Expression.Argument($0) })
    } else {
      guard positional.count <= open.count else {
        throw fail("\(positional.count) values are given for \(Self.list(model.inputs))")
      }
      for (input, value) in zip(open, positional) { values[input] = value }
    }
    for argument in given {
      guard let label = argument.label else { continue }
      guard let input = model.inputs.firstIndex(where: { $0.name == label }) else {
        throw fail(
          "there is no input '\(label)'; it has \(Self.list(model.inputs))",
          NearestName.of(label, among: model.inputs.map(\.name)))
      }
      guard values.updateValue(argument.value, forKey: input) == nil else {
        throw fail("the input '\(label)' is given twice")
      }
    }
    for (position, input) in model.inputs.enumerated()
    where values[position] == nil && !input.isOptional {
      throw fail("the input \(input.text) is not given")
    }
    let inputs = values.keys.sorted()
    return (inputs, inputs.compactMap { values[$0] })
  }

  private func output(_ model: any RowModel) throws(ExpressionError) -> Int {
    let usable = model.outputs.filter { $0.columnType != nil }
    guard let name = output else {
      if usable.count == 1, let only = model.outputs.firstIndex(of: usable[0]) { return only }
      throw fail(
        usable.isEmpty
          ? "no output can be used: \(Self.list(model.outputs))"
          : "say which output: output='\(usable[0].name)'; it has \(Self.list(model.outputs))")
    }
    guard let position = model.outputs.firstIndex(where: { $0.name == name }) else {
      throw fail(
        "there is no output '\(name)'; it has \(Self.list(model.outputs))",
        NearestName.of(name, among: model.outputs.map(\.name)))
    }
    guard model.outputs[position].columnType != nil else {
      throw fail("the output \(model.outputs[position].text) is of no type that a column can have")
    }
    return position
  }

  private static func list(_ tensors: [ModelTensor]) -> String {
    tensors.map(\.text).joined(separator: ", ")
  }

  private func fail(_ message: String, _ suggestion: String? = nil) -> ExpressionError {
    ExpressionError("\(path): \(message)", suggestion: suggestion, subject: call)
  }
}
