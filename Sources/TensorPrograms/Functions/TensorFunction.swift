import Columns
import Expressions

/// How a row function is written as tensor operations, or why it cannot be.
struct TensorFunction: Sendable {
  enum Form: Sendable {
    case supported(@Sendable (inout TensorProgramBuilder, TensorCall) throws -> TensorValue)
    case unsupported(String)
  }

  let name: String
  let form: Form

  init(
    _ name: String,
    _ body: @escaping @Sendable (inout TensorProgramBuilder, TensorCall) throws -> TensorValue
  ) {
    self.name = name
    form = .supported(body)
  }

  init(_ name: String, unsupported reason: String) {
    self.name = name
    form = .unsupported(reason)
  }
}

/// A call of a row function, its arguments as values and constants.
struct TensorCall {
  struct Argument {
    var name: String
    /// `nil` for what is no value of rows, such as a vocabulary.
    var value: TensorValue?
    var constant: ConstantValue?
    /// The file of a vocabulary.
    var asset: String?
  }

  var name: String
  var arguments: [Argument]

  /// The value of argument `index`.
  ///
  /// - Precondition: the call was typed before, so it is one.
  func value(_ index: Int) -> TensorValue {
    guard let value = arguments[index].value else {
      preconditionFailure("argument \(index) of \(name) is no value")
    }
    return value
  }

  func constant(_ name: String) -> ConstantValue {
    guard let constant = arguments.first(where: { $0.name == name })?.constant else {
      preconditionFailure("\(self.name) has no constant '\(name)'")
    }
    return constant
  }

  func double(_ name: String) -> Double {
    guard let value = constant(name).double else { preconditionFailure("'\(name)' is no number") }
    return value
  }

  func integer(_ name: String) -> Int64 {
    guard case .int64(let value) = constant(name) else {
      preconditionFailure("'\(name)' is no integer")
    }
    return value
  }

  func bytes(_ name: String) -> [UInt8] {
    guard case .string(let value) = constant(name) else {
      preconditionFailure("'\(name)' is no text")
    }
    return Array(value.utf8)
  }

  func isNone(_ name: String) -> Bool { constant(name) == ConstantValue.none }
}
