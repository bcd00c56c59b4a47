import Columns
import Synchronization
import Testing

@testable import Expressions

/// A model in Swift that fails where a is negative, and counts its runs.
///
/// `total` is a + 2 b of each row, `pair` that and its negative, `name` a letter for it.
private final class Arithmetic: RowModel {
  let reference = ModelReference(
    function: .onnx, path: "m.onnx", signature: nil, digest: "d")
  let inputs = [
    ModelTensor(name: "a", element: .float64, shape: [nil]),
    ModelTensor(name: "b", element: .int32, shape: [nil, 1]),
    ModelTensor(name: "free list", element: .float32, shape: [nil, nil], isOptional: true),
  ]
  let outputs = [
    ModelTensor(name: "total", element: .float64, shape: [nil]),
    ModelTensor(name: "pair", element: .float32, shape: [nil, 2]),
    ModelTensor(name: "name", element: .string, shape: [nil, 1]),
    ModelTensor(name: "map", element: .other("a map"), shape: nil),
  ]
  /// How many rows each run had, and which outputs were asked for.
  let runs = Mutex<[(rows: Int, wanted: [Int])]>([])

  func run(
    _ given: [(input: Int, column: Column)], wanted: [Int], rowCount: Int
  ) throws(ModelFailure) -> [Column] {
    runs.withLock { $0.append((rowCount, wanted)) }
    guard case .float64(let a) = given[0].column, case .int64(let b) = given[1].column else {
      throw ModelFailure("other columns")
    }
    #expect(given.allSatisfy { $0.column.rowCount == rowCount })
    if let negative = a.values.first(where: { $0 < 0 }) { throw ModelFailure("\(negative) < 0") }
    let totals = zip(a.values, b.values).map { $0 + 2 * Double($1) }
    return wanted.map { output in
      switch output {
      case 0: .float64(Float64Column(totals))
      case 1:
        .list(
          ListColumn(
            elements: .float64(Float64Column(totals.flatMap { [$0, -$0] })),
            offsets: (0...rowCount).map { UInt32(2 * $0) }))
      default:
        .plain(
          PlainStringColumn(
            bytes: totals.map { UInt8(ascii: "a") + UInt8($0) },
            offsets: (0...rowCount).map { UInt32($0) }))
      }
    }
  }
}

@Suite struct ModelCallTests {
  private let model = Arithmetic()
  private let schema = Schema([
    Field("x", .float64), Field("n", .int64), Field("s", .string), Field("xs", .list(.float64)),
  ])

  private func bound(_ formula: String) throws -> Expression {
    try Expression(formula: formula).bindingModels { request throws(ModelFailure) in
      guard request.path == "m.onnx" else { throw ModelFailure("there is no file \(request.path)") }
      return model
    }
  }

  private func batch(_ x: [Double?], _ n: [Int64?], _ xs: [[Double]]? = nil) -> RecordBatch {
    let lists = xs ?? x.map { _ in [] }
    var offsets: [UInt32] = [0]
    for list in lists { offsets.append(offsets[offsets.count - 1] + UInt32(list.count)) }
    return RecordBatch(
      schema: schema, rowCount: x.count,
      columns: [
        .float64(Float64Column(x)), .int64(Int64Column(n)),
        .string(StringColumn(x.map { _ in "s" })),
        .list(
          ListColumn(elements: .float64(Float64Column(lists.flatMap(\.self))), offsets: offsets)),
      ])
  }

  private func values(
    _ formulas: [String], _ batch: RecordBatch
  ) throws -> ([[Value]], [RowFailure]) {
    let evaluator = try RowProgram(formulas.map(bound), schema: schema).makeEvaluator()
    let columns = evaluator.evaluate(batch)
    return (columns.map(\.rows), evaluator.takeFailures())
  }

  @Test func `inputs are given in order, by name or mixed, and printed by name`() throws {
    let formulas = [
      "onnx('m.onnx', x, n, output='total')", "onnx('m.onnx', b=n, a=x, output='total')",
      "onnx('m.onnx', x, b=n, output='total')",
    ]
    let expressions = try formulas.map(bound)
    #expect(Set(expressions).count == 1)
    #expect(expressions[0].formula == "onnx('m.onnx', a=x, b=n, output='total')")
    #expect(try bound(expressions[0].formula) == expressions[0])
    let optional = try bound("onnx('m.onnx', x, n, `free list`=xs, output='total')")
    #expect(optional.formula == "onnx('m.onnx', a=x, b=n, `free list`=xs, output='total')")
    #expect(try bound(optional.formula) == optional)
    #expect(expressions[0].models.map(\.reference) == [model.reference])
  }

  @Test func `outputs of equal inputs share a run`() throws {
    let (columns, _) = try values(
      [
        "onnx('m.onnx', x, n, output='total') + 1.0", "onnx('m.onnx', x, n, output='name')",
        "onnx('m.onnx', x, n, output='pair')",
      ], batch([1, 2], [0, 1]))
    #expect(columns == [[2.0, 5.0], ["b", "e"], [[1.0, -1.0], [4.0, -4.0]]])
    let runs = model.runs.withLock { $0.map(\.rows) }
    #expect(runs == [2])
  }

  @Test func `a row without an input, or with an integer beyond 32 bits, has no result`() throws {
    let (columns, failures) = try values(
      ["onnx('m.onnx', x, n, output='total')", "onnx('m.onnx', x, n, output='name')"],
      batch([1, nil, 3, 4, 0], [1, 1, nil, 1 << 31, 0]))
    #expect(columns == [[3.0, nil, nil, nil, 0.0], ["d", nil, nil, nil, "a"]])
    #expect(failures.isEmpty)
    #expect(model.runs.withLock { $0.map(\.rows) } == [2])
  }

  @Test func `no row at all is no run`() throws {
    let (columns, _) = try values(
      ["onnx('m.onnx', x, n, output='pair')"], batch([nil, nil], [1, 1]))
    #expect(columns == [[nil, nil]])
    #expect(model.runs.withLock { $0.isEmpty })
  }

  @Test(arguments: [1, 2, 7, 100])
  func `rows on which a model fails are found, and others have their results`(count: Int) throws {
    let x = (0..<count).map { $0 % 3 == 1 ? -Double($0) : Double($0 % 10) }
    let (columns, failures) = try values(
      ["onnx('m.onnx', x, n, output='total')"], batch(x, x.map { _ in 1 }))
    #expect(columns[0] == x.map { $0 < 0 ? nil : .float($0 + 2) })
    #expect(failures.map(\.row) == x.indices.filter { x[$0] < 0 })
    #expect(failures.allSatisfy { $0.reason == "onnx m.onnx: \(x[$0.row]) < 0" })
  }

  @Test func `lists of different lengths, where a model leaves that open, are runs of their own`()
    throws
  {
    let (columns, _) = try values(
      ["onnx('m.onnx', x, n, `free list`=xs, output='total')"],
      batch([1, 2, 3, 4], [0, 0, 0, 0], [[1], [1, 2], [3], []]))
    #expect(columns == [[1.0, 2.0, 3.0, 4.0]])
    #expect(model.runs.withLock { $0.map(\.rows) } == [2, 1, 1])
  }

  @Test func `strings that only a model reads need no dictionary`() throws {
    let names = ["onnx('m.onnx', x, n, output='total')", "s"]
    #expect(try RowProgram(names.map(bound), schema: schema).plainStringColumns.isEmpty)
  }

  @Test(arguments: [
    ("onnx('other.onnx', x, n)", "other.onnx: there is no file other.onnx", 1),
    ("x + onnx('m.onnx', x, n)", "say which output: output='total'", 5),
    ("onnx('m.onnx', x, n, output='totl')", "no output 'totl'", 1),
    ("onnx('m.onnx', x, n, output='map')", "map: a map", 1),
    ("onnx('m.onnx', x, output='total')", "input b: int32[rows, 1] is not given", 1),
    ("onnx('m.onnx', x, n, aa=x, output='total')", "no input 'aa'; it has a: float64[rows]", 1),
    ("onnx('m.onnx', x, n, xs, x, output='total')", "4 values are given", 1),
    ("onnx('m.onnx', x, n, a=x, output='total')", "", 1),
  ])
  func `a call that does not fit its model says what the model has`(
    text: String, message: String, position: Int
  ) throws {
    let formula = try Formula(text)
    do {
      _ = try bound(text)
      #expect(message.isEmpty)
    } catch let error as ExpressionError {
      let located = formula.located(error)
      #expect(located.message.contains(message), "\(located)")
      #expect(located.position == position)
    }
  }

  @Test func `near names are suggested`() throws {
    let error = #expect(throws: ExpressionError.self) {
      try bound("onnx('m.onnx', x, n, output='totl')")
    }
    #expect(error?.suggestion == "total")
  }

  @Test(arguments: [
    ("onnx('m.onnx', s, n, output='total')", "does not take s, which is of type string"),
    ("onnx('m.onnx', x, x, output='total')", "of type float; int(…) cuts off the fraction"),
    ("onnx('m.onnx', xs, n, output='total')", "takes one value a row, and xs is a list"),
    ("onnx('other', x)", "models cannot be used here"),
  ])
  func `types are checked before the first row`(text: String, message: String) throws {
    let error = #expect(throws: ExpressionError.self) {
      let expression = text.contains("other") ? try Expression(formula: text) : try bound(text)
      _ = try RowProgram([expression], schema: schema)
    }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }
}
