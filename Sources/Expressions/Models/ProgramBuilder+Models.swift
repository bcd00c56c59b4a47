import Columns

extension ProgramBuilder {
  /// Adds a call of a model; those of equal inputs share one run.
  mutating func addModelCall(
    _ call: ModelCall, _ arguments: [Expression], of expression: Expression
  ) throws(ExpressionError) -> Int {
    var steps: [Int] = []
    var types: [DataType?] = []
    for argument in arguments {
      let (step, type) = try addOperand(argument)
      steps.append(step)
      types.append(type)
    }
    try call.check(types, arguments, of: expression)
    let output = call.model.outputs[call.output]
    guard let type = output.columnType else {
      preconditionFailure("\(output.text) was bound, and is of no type")
    }
    let key = ModelRun.Key(
      reference: call.model.reference, positions: call.inputs, steps: steps)
    return appendOutput(call.output, type, of: key, call.model)
  }
}
