import Columns
import Expressions
import Testing
import Transform

@testable import TensorPrograms

@Suite struct TensorFunctionCatalogTests {
  @Test func `every row function has one entry, and no other name has`() {
    let names = TensorFunctionCatalog.all.map(\.name)
    #expect(names.sorted() == RowFunctionCatalog.names.sorted())
  }

  @Test func `what is not supported says why`() {
    for function in TensorFunctionCatalog.all {
      guard case .unsupported(let reason) = function.form else { continue }
      #expect(reason.count > 10, "\(function.name)")
    }
  }
}

@Suite struct TensorProgramTests {
  static let schema = Schema([
    Field("x", .float64), Field("n", .int64), Field("s", .string), Field("xs", .list(.float64)),
    Field("at", .timestamp, timestampUnit: .iso8601),
  ])

  static func version(_ formulas: String...) throws -> TransformVersion {
    let outputs = try formulas.enumerated().map { index, formula in
      PreprocessingFn.Output("y\(index)", try Expression(formula: formula))
    }
    return try LocalAnalysis(try PreprocessingFn(outputs: outputs), schema: schema).finish()
  }

  private func program(
    _ formulas: String, isOptional: Bool = true
  ) throws -> TensorProgram {
    try TensorProgram(try Self.version(formulas), isOptional: isOptional)
  }

  /// What can be missing, decided without rows; by hand from the functions' documentation.
  @Test(arguments: [
    ("x + 1.0", true, false), ("fill_missing(x, 0.0)", false, false), ("n + 1", true, true),
    ("is_missing(x)", false, false), ("int(x)", true, true), ("n / n", true, false),
    ("where(x > 0, 1.0, 2.0)", true, false), ("fill_missing(x, n)", true, false),
    ("fill_missing(n % 3, 0)", false, false), ("x > 0 or true", true, false),
  ])
  func `an output is dense where no row can lack a value`(
    formula: String, whenOptional: Bool, whenGiven: Bool
  ) throws {
    let optional = try program(formula).outputs[0].isPresent
    #expect((optional != nil) == whenOptional)
    let given = try program(formula, isOptional: false).outputs[0].isPresent
    #expect((given != nil) == whenGiven)
  }

  @Test(
    arguments: [
      ("hash_strings(s, 10)", 0...9), ("apply_buckets(x, [1.0, 2.0])", 0...2),
      ("apply_vocabulary(s, ['a', 'b'])", -1...1),
      ("apply_vocabulary(s, ['a', 'b'], default_value=7)", 0...7),
      ("apply_vocabulary(s, ['a', 'b'], num_oov_buckets=3)", 0...4),
    ] as [(String, ClosedRange<Int64>)])
  func `the domain of integers is known`(formula: String, domain: ClosedRange<Int64>) throws {
    #expect(try program(formula).outputs[0].domain == domain)
  }

  @Test(arguments: [
    "float(s)", "string(x)", "is_missing(xs)", "s < 'b'", "hour_of_day(at)", "distinct(xs)",
    "log_loss(x, x)",
  ])
  func `what cannot be exported names its output`(formula: String) throws {
    let version = try Self.version("x", formula)
    let error = #expect(throws: UnsupportedExport.self) {
      try TensorProgram(version, isOptional: true)
    }
    // A column that cannot be read is not the fault of an output.
    if formula != "hour_of_day(at)" { #expect(error?.output == "y1") }
  }

  @Test func `equal parts are computed once, and nothing that is not needed`() throws {
    let once = try TensorProgram(try Self.version("x * x + 1.0"), isOptional: true)
    let twice = try TensorProgram(
      try Self.version("x * x + 1.0", "x * x + 1.0"), isOptional: true)
    #expect(once.nodes == twice.nodes)
    var used = Set(twice.outputs.flatMap(\.nodes))
    for index in twice.nodes.indices.reversed() where used.contains(index) {
      used.formUnion(twice.nodes[index].inputs)
      #expect(twice.nodes[index].inputs.allSatisfy { $0 < index })
    }
    #expect(used.count == twice.nodes.count)
  }

  @Test func `a transform of no column is refused`() throws {
    let version = try Self.version("1.5")
    #expect(throws: UnsupportedExport.self) { try TensorProgram(version, isOptional: true) }
  }
}
