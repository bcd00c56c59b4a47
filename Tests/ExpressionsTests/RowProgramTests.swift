import Columns
import Expressions
import Testing

@Suite struct RowProgramTests {
  private func program(_ formulas: String...) throws -> RowProgram {
    try RowProgram(formulas.map { try Expression(formula: $0) }, schema: Sample.schema)
  }

  @Test func `the inputs are the columns read, once each`() throws {
    let program = try program("x + y", "y * 2", "length(s)")
    #expect(program.inputColumns == ["x", "y", "s"])
    #expect(program.outputTypes == [.float64, .float64, .int64])
  }

  @Test func `a column that is only split may be decoded plain`() throws {
    let program = try program("split(p)", "length(split(p, ','))", "split(s)", "s")
    #expect(program.plainStringColumns == ["p"])
    #expect(try self.program("split(p)", "p == 'a'").plainStringColumns == [])
    #expect(try self.program("split(lower(p))").plainStringColumns == [])
  }

  @Test func `a column is passed on, not copied`() throws {
    guard case .float64(let given) = Sample.batch.columns[0],
      case .float64(let passed) = try program("x").makeEvaluator().evaluate(Sample.batch)[0]
    else {
      Issue.record("not a column of doubles")
      return
    }
    // Addresses are only compared.
    let one = unsafe given.values.withUnsafeBufferPointer { $0.baseAddress }
    let two = unsafe passed.values.withUnsafeBufferPointer { $0.baseAddress }
    #expect(unsafe one == two)
  }

  @Test func `an id means the same word in every batch`() throws {
    let evaluator = try program("split(p)", "lower(s)").makeEvaluator()
    let first = evaluator.evaluate(Sample.batch)
    let schema = Schema([Field("p", .string), Field("s", .string)])
    let second = evaluator.evaluate(
      RecordBatch(
        schema: schema, rowCount: 2,
        columns: [.plain(["c new", "Ab"]), .string(StringColumn(["NEW", "AB C"]))]))
    guard case .list(let one) = first[0], case .list(let two) = second[0],
      case .string(let words) = one.elements, case .string(let more) = two.elements,
      case .string(let lower) = first[1], case .string(let again) = second[1]
    else {
      Issue.record("unexpected columns")
      return
    }
    #expect(words.dictionary === more.dictionary)
    #expect(more.ids[0] == words.ids[1])
    #expect(more.ids[2] == words.ids[0])
    #expect(again.ids[1] == lower.ids[0])
    #expect(second[0].rows == [["c", "new"], ["Ab"]])
    #expect(second[1].rows == ["new", "ab c"])
  }

  @Test func `batches of any size, also empty ones, with constants`() throws {
    let evaluator = try program("1", "x + 1", "where(x > 0, 'a', 'b')", "split(p)", "lower(s)")
      .makeEvaluator()
    let empty = RecordBatch(
      schema: Schema([Field("x", .float64), Field("p", .string), Field("s", .string)]),
      rowCount: 0,
      columns: [
        .float64(Float64Column([Double]())), .plain([]), .string(StringColumn([])),
      ])
    for batch in [empty, Sample.batch, empty] {
      let columns = evaluator.evaluate(batch)
      #expect(columns.map(\.rowCount) == [Int](repeating: batch.rowCount, count: 5))
    }
  }

  @Test func `joined ids are the joined strings, over many pairs and two dictionaries`() throws {
    let schema = Schema([Field("a", .string), Field("b", .string)])
    let program = try RowProgram(
      [Expression(formula: "concat(a, b, 'é', a, separator='|')")], schema: schema)
    let evaluator = program.makeEvaluator()
    for round in 0..<2 {
      let a = (0..<2_000).map { "a\($0 % 47 + round)" }
      let b = (0..<2_000).map { $0 % 11 == 0 ? nil : "b\($0 % 83)" }
      let batch = RecordBatch(
        schema: schema, rowCount: 2_000,
        columns: [.string(StringColumn(a)), .string(StringColumn(b))])
      for _ in 0..<2 {
        let expected = zip(a, b).map { one, two in
          two.map { Value.text("\(one)|\($0)|é|\(one)") } ?? .missing
        }
        #expect(evaluator.evaluate(batch)[0].rows == expected)
      }
    }
  }

  @Test func `a computed constant serves as a value and as a parameter`() throws {
    let program = try RowProgram(
      [
        Expression(formula: "y - constant('mean')"),
        Expression(formula: "apply_buckets(y, constant('edges'))"),
        Expression(formula: "apply_vocabulary(s, constant('words'))"),
      ], schema: Sample.schema,
      constants: [
        "mean": .float64(1), "edges": .floats([1, 2]), "words": .tokens(TokenList(["10", ""])),
      ])
    let columns = program.makeEvaluator().evaluate(Sample.batch)
    #expect(columns[0].rows == [1.0, nil, 0.0, 2.0, 0.0, -1.0])
    #expect(columns[1].rows == [2, nil, 1, 2, 1, 0])
    #expect(columns[2].rows == [-1, 1, -1, nil, -1, 0])
  }

  static let faults: [TextCase] = [
    .init("scale_to_zscore(x)", "column 1: unknown function 'scale_to_zscore'"),
    .init("1 + lenght(s)", "column 5: unknown function 'lenght'; did you mean 'length'?"),
    .init("x + word", "column 5: there is no column 'word'; did you mean 'words'?"),
    .init("x + s", "column 1: add: 'b' must be a number, but s is of type string"),
    .init("1 + clip(x, 2)", "column 5: clip: 'max' is missing in clip(x, min, max)"),
    .init("abs(x, y)", "column 1: abs: more positional arguments than abs(x) takes"),
    .init("clip(x, 1, mim=2)", "column 1: clip has no parameter 'mim'; did you mean 'min'?"),
    .init("clip(x, 1, x=2)", "column 1: clip: 'x' is given twice"),
    .init(
      "x and b",
      "column 1: and: 'a' must be a condition (a number is one as 'x != 0'), "
        + "but x is of type float"),
    .init("x == s", "column 1: equal: cannot compare float and string"),
    .init("where(b, x, s)", "column 1: where: float and string do not mix"),
    .init(
      "hash_strings(s, j)",
      "column 1: hash_strings: 'hash_buckets' must be an integer "
        + "constant, not j"),
    .init("one_hot(j, 0)", "column 1: one_hot: 'depth' must be in 1…65536"),
    .init("apply_buckets(x, [2, 1])", "column 1: apply_buckets: 'bucket_boundaries' must ascend"),
    .init("[1, x]", "column 1: the elements of a list must be constants"),
    .init("[1, 2]", "column 1: [1, 2] is a parameter, not a value of rows"),
    .init(
      "numbers + x",
      "column 1: add: lists with constants are supported; not a list with "
        + "another column"),
    .init("constant('m')", "column 1: there is no constant 'm'"),
  ]

  @Test(arguments: faults) func `a type fault is told with its column`(_ fault: TextCase) throws {
    let formula = try Formula(fault.text)
    let error = #expect(throws: ExpressionError.self) {
      try RowProgram([formula.expression], schema: Sample.schema)
    }
    #expect(error.map { formula.located($0).description } == fault.expected)
  }

  @Test func `signatures print as Python would show them`() throws {
    #expect(
      RowFunctionCatalog.function(named: "apply_vocabulary")?.signature.description
        == "apply_vocabulary(x, vocabulary, *, default_value=-1, num_oov_buckets=0)")
    #expect(
      RowFunctionCatalog.function(named: "concat")?.signature.description
        == "concat(*parts, separator='')")
  }
}
