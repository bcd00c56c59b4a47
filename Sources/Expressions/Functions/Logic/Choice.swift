import Columns

extension RowFunction {
  /// Branches are both numbers, both strings, both bools or both timestamps.
  static let whereFunction = RowFunction(
    "where", [.required("condition"), .required("a"), .required("b")],
    "a where the condition holds, else b; missing where the condition is missing",
    isElementwise: false
  ) { site in
    _ = try condition(site, 0)
    let type = try commonType(site, 1, 2)
    return CompiledCall(
      type: type, inputs: [0, 1, 2], kernel: ChoiceKernel(type: type, choice: .condition))
  }

  static let fillMissing = RowFunction(
    "fill_missing", [.required("x"), .required("value")],
    "x, or the value where x is missing; NaN is not missing", isElementwise: false
  ) { site in
    let type = try commonType(site, 0, 1)
    return CompiledCall(
      type: type, inputs: [0, 1], kernel: ChoiceKernel(type: type, choice: .firstPresent))
  }

  static let isMissing = RowFunction(
    "is_missing", [.required("x")], "whether x is missing; never missing itself",
    isElementwise: false
  ) { site in
    _ = try site.type(0, "a value") { _ in true }
    return CompiledCall(type: .bool, inputs: [0], kernel: IsMissingKernel())
  }

  static let isNaN = RowFunction("is_nan", [.required("x")], "whether x is NaN") { site in
    _ = try site.number(0)
    return CompiledCall(type: .bool, inputs: [0], kernel: IsNaNKernel())
  }

  /// The type that holds the values of both arguments.
  private static func commonType(
    _ site: CallSite, _ first: Int, _ second: Int
  ) throws(ExpressionError) -> DataType {
    let notAList: (DataType) -> Bool = { if case .list = $0 { false } else { true } }
    let one = try site.type(first, "a value that is no list", where: notAList)
    let two = try site.type(second, "a value that is no list", where: notAList)
    if one == two { return one }
    guard one.isNumeric, two.isNumeric else { throw site.fail("\(one) and \(two) do not mix") }
    return one.isIntegral && two.isIntegral ? .int64 : .float64
  }
}

/// Takes each row from one of two columns.
struct ChoiceKernel: RowKernel {
  enum Choice: Sendable {
    /// By the first of three columns.
    case condition
    /// The first of two columns unless missing there.
    case firstPresent
  }

  let type: DataType
  let choice: Choice
  private var strings = StringChoice()

  init(type: DataType, choice: Choice) {
    self.type = type
    self.choice = choice
  }

  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let (first, second) = (inputs[inputs.count - 2], inputs[inputs.count - 1])
    let (takesFirst, decided) = mask(inputs, rowCount)
    if decided.allPresent, takesFirst.allTrue, let whole = first.whole(as: type) { return whole }
    let validity = chosenValidity(first.validity, second.validity, takesFirst, decided)
    switch type {
    case .bool:
      let values = Self.choose(takesFirst, first.booleans(), second.booleans())
      return .bool(BoolColumn(values, validity: validity))
    case .int64, .timestamp:
      let values = Self.choose(takesFirst, first.integers(), second.integers())
      return .int64(Int64Column(values, validity: validity))
    case .float32, .float64:
      let values = Self.choose(takesFirst, first.doubles(), second.doubles())
      return .float64(Float64Column(values, validity: validity))
    case .string: return strings.choose(takesFirst, first, second, validity)
    case .list: preconditionFailure("lists are refused at compile time")
    }
  }

  private func mask(_ inputs: [Column], _ rowCount: Int) -> (takesFirst: [Bool], Validity) {
    switch choice {
    case .condition: return (inputs[0].booleans(), inputs[0].validity)
    case .firstPresent:
      return (inputs[0].validity.flags, Validity(allPresent: rowCount))
    }
  }

  private func chosenValidity(
    _ first: Validity, _ second: Validity, _ takesFirst: [Bool], _ decided: Validity
  ) -> Validity {
    if first.allPresent && second.allPresent { return decided }
    var present = [Bool](repeating: false, count: takesFirst.count)
    for row in present.indices {
      let isThere = takesFirst[row] ? first.isPresent(row) : second.isPresent(row)
      present[row] = isThere && decided.isPresent(row)
    }
    return Validity(present)
  }

  private static func choose<Value>(_ mask: [Bool], _ a: [Value], _ b: [Value]) -> [Value] {
    var result = b
    let (mask, one, two) = (mask.span, a.span, b.span)
    var chosen = result.mutableSpan
    precondition(chosen.count == mask.count && one.count == mask.count && two.count == mask.count)
    for row in 0..<mask.count {
      // Both are read: no branch on what is hard to predict.
      let (first, second) = (one[row], two[row])
      chosen[row] = mask[row] ? first : second
    }
    return result
  }
}

extension Column {
  /// The column itself if it holds values of `type` already.
  fileprivate func whole(as type: DataType) -> Column? {
    switch (self, type) {
    case (.bool, .bool), (.int64, .int64), (.int64, .timestamp), (.float64, .float32),
      (.float64, .float64):
      self
    default: nil
    }
  }
}

extension Validity {
  /// Whether each row is present; shape `[rows]`.
  var flags: [Bool] {
    if allPresent { return [Bool](repeating: true, count: count) }
    return (0..<count).map(isPresent)
  }
}

struct IsMissingKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    .bool(BoolColumn(inputs[0].validity.flags.map { !$0 }))
  }
}

struct IsNaNKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    .bool(BoolColumn(inputs[0].doubles().map(\.isNaN), validity: inputs[0].validity))
  }
}
