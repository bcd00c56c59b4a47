import CModelRuntime
import Columns
import Expressions

/// An open model of either library; its workers run it at the same time.
@safe final class ModelSession: RowModel, @unchecked Sendable {
  // Sound: nothing is changed after `init`, and both libraries let a session be run by several
  // threads at a time.
  let reference: ModelReference
  let inputs: [ModelTensor]
  let outputs: [ModelTensor]
  private let session: OpaquePointer
  private let elements: [model_element]
  /// How many rows the model takes at a time, where it says so.
  private let fixedRows: Int?

  /// A batch is filled up to a multiple of so many rows, with copies of its last one: the libraries
  /// have kernels of their own for one or few rows, which sum in another order.
  private static let rowMultiple = 32

  /// Takes `session` over.
  init(
    _ session: OpaquePointer, _ reference: ModelReference, inputs: [ModelTensor],
    outputs: [ModelTensor]
  ) throws(ModelRuntimeError) {
    unsafe self.session = unsafe session
    self.reference = reference
    self.inputs = inputs
    self.outputs = outputs
    elements = inputs.map { $0.element.code }
    let fixed = Set(inputs.compactMap { $0.isOptional ? nil : $0.shape?.first ?? nil })
    fixedRows = fixed.first
    for input in inputs where input.shape?.isEmpty == true && !input.isOptional {
      throw ModelRuntimeError(
        "the input \(input.text) is one value for all rows, and not one a row")
    }
    guard fixed.count <= 1, fixed.first != 0 else {
      throw ModelRuntimeError(
        "its inputs are of \(fixed.sorted()) rows, which do not go together")
    }
  }

  deinit { unsafe model_session_close(session) }

  func run(
    _ given: [(input: Int, column: Column)], wanted: [Int], rowCount: Int
  ) throws(ModelFailure) -> [Column] {
    guard let fixedRows, rowCount > fixedRows else {
      return try run(given, wanted, 0..<rowCount)
    }
    var parts: [[Column]] = []
    for start in stride(from: 0, to: rowCount, by: fixedRows) {
      parts.append(try run(given, wanted, start..<min(start + fixedRows, rowCount)))
    }
    return wanted.indices.map { place in Column.joined(parts.map { $0[place] }) }
  }

  private func run(
    _ given: [(input: Int, column: Column)], _ wanted: [Int], _ range: Range<Int>
  ) throws(ModelFailure) -> [Column] {
    let multiple = fixedRows ?? Self.rowMultiple
    let count = (range.count + multiple - 1) / multiple * multiple
    let rows = (0..<count).map { range.lowerBound + min($0, range.count - 1) }
    let tensors = given.map { InputTensor($0.column, for: inputs[$0.input], rows: rows) }
    var results = unsafe [model_output](repeating: model_output(), count: wanted.count)
    var lent: [model_input] = unsafe []
    var message = model_message()
    let ran = unsafe lend(given.map(\.input), tensors[...], &lent) { tensors in
      unsafe model_session_run(
        session, given.map(\.input), tensors, given.count, wanted, wanted.count, &results,
        &message)
    }
    // Further lines say where in TensorFlow's own code.
    guard ran else { throw ModelFailure(message.string.prefix { $0 != "\n" }.description) }
    defer { for index in wanted.indices { unsafe model_output_free(&results[index]) } }
    var columns: [Column] = []
    for (place, position) in wanted.enumerated() {
      columns.append(
        try unsafe OutputTensor.column(
          results[place], of: outputs[position], rowCount: range.count, ranCount: count))
    }
    return columns
  }

  /// Calls `body` with all tensors, whose pointers live inside one another's closures.
  private func lend(
    _ positions: [Int], _ tensors: ArraySlice<InputTensor>, _ lent: inout [model_input],
    _ body: ([model_input]) -> Bool
  ) -> Bool {
    guard let first = tensors.first else { return unsafe body(lent) }
    return unsafe first.withTensor(elements[positions[lent.count]]) { tensor in
      unsafe lent.append(tensor)
      return unsafe lend(positions, tensors.dropFirst(), &lent, body)
    }
  }
}

extension model_message {
  var string: String {
    unsafe withUnsafeBytes(of: text) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

extension ModelTensor.Element {
  /// `code` names what is not supported.
  init(_ element: model_element, code: Int32, names: (Int32) -> String = { "type \($0)" }) {
    switch element {
    case MODEL_BOOL: self = .bool
    case MODEL_INT32: self = .int32
    case MODEL_INT64: self = .int64
    case MODEL_FLOAT32: self = .float32
    case MODEL_FLOAT64: self = .float64
    case MODEL_STRING: self = .string
    default: self = .other(names(code))
    }
  }

  var code: model_element {
    switch self {
    case .bool: MODEL_BOOL
    case .int32: MODEL_INT32
    case .int64: MODEL_INT64
    case .float32: MODEL_FLOAT32
    case .float64: MODEL_FLOAT64
    case .string: MODEL_STRING
    case .other: MODEL_OTHER
    }
  }
}
