import Accumulators
import Columns
import Dataflow
import DataflowTesting
import EventTime
import Expressions
import Formats
import Testing

@testable import Aggregation

/// Rows of keyed aggregates against dictionaries.
@Suite struct AggregateRowsTests {
  private struct Row {
    var company: String?
    var device: Int64
    var fare: Double?
  }

  private static let schema = Schema([
    Field("company", .string), Field("device", .int64), Field("fare", .float64),
  ])

  private static func stage(
    keys: [String], values: [(String, String)]
  ) throws -> AggregationStage {
    try AggregationStage(
      name: "", keys: keys.map { AggregationStage.Output($0, try Expression(formula: $0)) },
      values: values.map { AggregationStage.Output($0.0, try Expression(formula: $0.1)) },
      schema: schema)
  }

  /// What a pane over all `rows` gives, dealt out to batches.
  private static func rows(
    _ stage: AggregationStage, _ rows: [Row], batchRows: Int = 7
  ) throws -> AggregateRows? {
    let windowing = WindowingStrategy(windowFn: GlobalWindows())
    let pipeline = try Pipeline(
      schema: schema, eventTime: Pipeline.EventTimePolicy(column: nil, maxOutOfOrderness: .zero),
      filter: nil, stages: [Pipeline.StageRequest(stage.description, windowing: windowing)])
    let evaluator = pipeline.program.makeEvaluator()
    var combine = WindowedCombine(pipeline.stages[0])
    // A decoder keeps its dictionary from batch to batch.
    let dictionary = StringDictionary()
    for start in stride(from: 0, to: rows.count, by: batchRows) {
      let part = rows[start..<min(start + batchRows, rows.count)]
      let columns: [String: Column] = [
        "company": .string(StringColumn(part.map(\.company), dictionary: dictionary)),
        "device": .int64(Int64Column(part.map { Int64?.some($0.device) })),
        "fare": .float64(Float64Column(part.map(\.fare))),
      ]
      let batch = RecordBatch(
        schema: pipeline.inputSchema, rowCount: part.count,
        columns: pipeline.inputSchema.fields.compactMap { columns[$0.name] })
      _ = combine.process(
        EvaluatedBatch(
          columns: evaluator.evaluate(batch), times: part.map { _ in 0 }, kept: nil,
          priorMaximum: .min, outOfOrderness: .zero))
    }
    return combine.extract(.global, of: [], upTo: .distantPast).map { stage.finish($0) }
  }

  private static func random(_ generator: inout SeededGenerator) -> [Row] {
    let companies = ["b", "a", "Ä", "a,b", "say \"x\"", "two\nlines", "", nil]
    return (0..<Int.random(in: 1..<80, using: &generator)).map { _ in
      let quarters = Int.random(in: -40..<40, using: &generator)
      return Row(
        company: companies.randomElement(using: &generator) ?? nil,
        device: Int64.random(in: -2...2, using: &generator),
        fare: quarters % 5 == 0 ? nil : Double(quarters) / 4)
    }
  }

  @Test(arguments: 0..<30) func `one line a key, in canonical order`(round: Int) throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = SeededGenerator(seed: seed)
    let rows = Self.random(&generator)
    let stage = try Self.stage(
      keys: ["company", "device"],
      values: [("n", "count()"), ("total", "sum(fare)"), ("low", "min(fare)")])
    let found = try #require(try Self.rows(stage, rows))
    let groups = Dictionary(grouping: rows) { "\($0.company.map { "s" + $0 } ?? "-")|\($0.device)" }
    let sorted = groups.values.sorted { one, two in
      let (a, b) = (one[0], two[0])
      if a.company == b.company { return a.device < b.device }
      guard let x = a.company, let y = b.company else { return a.company == nil }
      return Array(x.utf8).lexicographicallyPrecedes(Array(y.utf8))
    }
    let lines = found.jsonLines().bytes.split(separator: UInt8(ascii: "\n"))
    try #require(lines.count == sorted.count && found.count == sorted.count, "seed \(seed)")
    for (line, group) in zip(lines, sorted) {
      let value = try JSONValue(parsing: Array(line))
      let fares = group.compactMap(\.fare)
      #expect(value["company"]?.string == group[0].company, "seed \(seed)")
      #expect(value["company"]?.isNull == (group[0].company == nil), "seed \(seed)")
      #expect(value["device"]?.integer == group[0].device, "seed \(seed)")
      #expect(value["n"]?.integer == Int64(group.count), "seed \(seed)")
      // Sums of quarters are exact.
      if !fares.isEmpty { #expect(value["total"]?.number == fares.reduce(0, +), "seed \(seed)") }
      #expect(value["low"]?.number == fares.min(), "seed \(seed)")
      #expect(value.object?.members.map(\.key) == ["company", "device", "n", "total", "low"])
    }
    try checkCSV(found, lines, seed)
  }

  /// The decoder of the format reads back what the JSON lines say.
  private func checkCSV(_ rows: AggregateRows, _ lines: [ArraySlice<UInt8>], _ seed: UInt64) throws
  {
    let text = rows.csv()
    let schema = Schema([
      Field("company", .string), Field("device", .int64), Field("n", .int64),
      Field("total", .float64),
    ])
    let buffer = PaddedBuffer(text)
    var decoder = CSVDecoder(schema)
    decoder.beginFile()
    let batch = decoder.decode(buffer, from: 0, limit: 1000).batch
    try #require(batch.rowCount == lines.count, "seed \(seed)")
    guard case .string(let companies) = batch.columns[0],
      case .int64(let counts) = batch.columns[2],
      case .float64(let totals) = batch.columns[3]
    else { throw FormatsMismatch() }
    for (row, line) in lines.enumerated() {
      let value = try JSONValue(parsing: Array(line))
      // An empty field is missing, so the empty string cannot be told from it.
      let company = value["company"]?.string ?? ""
      let read =
        companies.validity.isPresent(row) ? companies.dictionary.string(companies.ids[row]) : ""
      #expect(read == company, "seed \(seed)")
      #expect(counts.values[row] == value["n"]?.integer, "seed \(seed)")
      #expect(totals.values[row] == (value["total"]?.number ?? 0), "seed \(seed)")
    }
  }

  private struct FormatsMismatch: Error {}

  @Test func `without keys there is one row a window`() throws {
    let stage = try Self.stage(keys: [], values: [("n", "count()")])
    let rows = [Row(company: nil, device: 1, fare: nil), Row(company: "a", device: 2, fare: 1)]
    let found = try #require(try Self.rows(stage, rows))
    #expect(String(decoding: found.jsonLines().bytes, as: UTF8.self) == "{\"n\":2}\n")
    #expect(String(decoding: found.csv(), as: UTF8.self) == "n\n2\n")
  }

  @Test func `equal aggregates share their states`() throws {
    let stage = try Self.stage(
      keys: ["company"], values: [("a", "sum(fare)"), ("b", "sum(fare)"), ("c", "count()")])
    #expect(stage.description.accumulators.count == 2)
    let rows = [Row(company: "x", device: 0, fare: 1.25), Row(company: "x", device: 0, fare: 1)]
    let found = try #require(try Self.rows(stage, rows))
    let line = try JSONValue(parsing: found.jsonLines().bytes)
    #expect(line["a"]?.number == 2.25 && line["b"]?.number == 2.25 && line["c"]?.integer == 2)
  }

  @Test func `a mistake in a value names it`() throws {
    #expect(throws: ExpressionError.self) { try Self.stage(keys: [], values: [("x", "fare")]) }
    #expect(throws: ExpressionError.self) {
      try Self.stage(keys: [], values: [("x", "sum(company)")])
    }
  }

  @Test func `no rows, no pane`() throws {
    #expect(try Self.rows(try Self.stage(keys: [], values: [("n", "count()")]), []) == nil)
  }
}
