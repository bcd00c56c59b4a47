/// The name and parameters of a function, as a formula calls it.
public struct FunctionSignature: Hashable, Sendable, CustomStringConvertible {
  public struct Parameter: Hashable, Sendable {
    public var name: String
    /// The value when the argument is not given; `nil` makes it required.
    public var fallback: Expression?
    /// Whether it can be given by keyword only.
    public var isKeywordOnly = false
    /// Whether it takes all further positional arguments, at least one; comes last but for
    /// keyword-only ones.
    public var isVariadic = false

    public static func required(_ name: String) -> Parameter { Parameter(name: name) }

    public static func optional(_ name: String, _ fallback: Expression) -> Parameter {
      Parameter(name: name, fallback: fallback)
    }

    public static func keyword(_ name: String, _ fallback: Expression) -> Parameter {
      Parameter(name: name, fallback: fallback, isKeywordOnly: true)
    }

    public static func variadic(_ name: String) -> Parameter {
      Parameter(name: name, isVariadic: true)
    }
  }

  public var name: String
  public var parameters: [Parameter]

  public init(_ name: String, _ parameters: [Parameter]) {
    self.name = name
    self.parameters = parameters
  }

  /// As Python would show it: `bucketize(x, num_buckets, epsilon=None)`.
  public var description: String {
    var parts: [String] = []
    for parameter in parameters {
      if parameter.isKeywordOnly, !parts.contains("*"), !parameters.contains(where: \.isVariadic) {
        parts.append("*")
      }
      let fallback = parameter.fallback.map { "=" + $0.formula } ?? ""
      parts.append((parameter.isVariadic ? "*" : "") + parameter.name + fallback)
    }
    return "\(name)(\(parts.joined(separator: ", ")))"
  }

  /// The arguments of `call` by parameter, defaults filled in.
  ///
  /// - Returns: One list a parameter: of one expression, but for the variadic one.
  /// - Throws: ``ExpressionError`` about `call`, for too many, missing, unknown or repeated
  ///   arguments.
  public func bind(
    _ arguments: [Expression.Argument], of call: Expression
  ) throws(ExpressionError) -> BoundArguments {
    var given = [[Expression]](repeating: [], count: parameters.count)
    var next = 0
    for argument in arguments {
      let index: Int
      if let label = argument.label {
        index = try self.index(of: label, in: call)
        guard given[index].isEmpty else {
          throw ExpressionError("\(name): '\(label)' is given twice", subject: call)
        }
      } else {
        guard next < parameters.count, !parameters[next].isKeywordOnly else {
          throw ExpressionError(
            "\(name): more positional arguments than \(self) takes", subject: call)
        }
        index = next
        if !parameters[index].isVariadic { next += 1 }
      }
      given[index].append(argument.value)
    }
    for (index, parameter) in parameters.enumerated() where given[index].isEmpty {
      guard let fallback = parameter.fallback else {
        throw ExpressionError("\(name): '\(parameter.name)' is missing in \(self)", subject: call)
      }
      given[index] = [fallback]
    }
    return BoundArguments(signature: self, values: given)
  }

  private func index(of label: String, in call: Expression) throws(ExpressionError) -> Int {
    if let index = parameters.firstIndex(where: { $0.name == label && !$0.isVariadic }) {
      return index
    }
    throw ExpressionError(
      "\(name) has no parameter '\(label)'",
      suggestion: NearestName.of(label, among: parameters.map(\.name)), subject: call)
  }
}

/// The arguments of one call, by parameter.
public struct BoundArguments: Hashable, Sendable {
  public let signature: FunctionSignature
  /// One list a parameter.
  public let values: [[Expression]]

  /// The argument for the parameter called `name`, its default if it was not given.
  ///
  /// - Precondition: the signature has that parameter.
  public subscript(name: String) -> Expression {
    guard let index = signature.parameters.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("\(signature.name) has no parameter '\(name)'")
    }
    return values[index][0]
  }

  /// Whether the argument is `None`, given or by default.
  public func isNone(_ name: String) -> Bool { self[name] == .none }
}
