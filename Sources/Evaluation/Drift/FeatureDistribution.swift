import Accumulators
public import Formats

/// How the values of one feature were distributed over the rows of a window.
public struct FeatureDistribution: Hashable, Sendable {
  public var name: String
  public var kind: FeatureKind
  /// All rows.
  public var rows: Int64
  /// Rows that have a value which is not NaN.
  public var present: Int64
  /// Of numbers: distinct, ascending.
  public var numbers: [Double] = []
  /// Of categories: distinct, by bytes.
  public var tokens: [String] = []
  /// Parallel to `numbers` or `tokens`.
  public var counts: [Double] = []
  /// By how much at most a share of the rows up to a number is wrong; 0 while all are known.
  public var rankError = 0.0
  /// Instead of numbers: the bounds between ranges, each from its lower one on; `counts` are theirs.
  var edges: [Double] = []
  /// Rows of tokens that are not told; `nil` when all are.
  var rest: Double?
  /// Whether `rows` counts those without a value.
  var countsMissing = true

  init(_ name: String, _ sketch: QuantileSketch, rows: Int64) {
    self.name = name
    kind = .numeric
    self.rows = rows
    present = sketch.count
    for (value, weight) in sketch.points {
      numbers.append(value)
      counts.append(weight)
    }
    rankError = sketch.errorBound
  }

  init(_ name: String, _ vocabulary: Vocabulary, rows: Int64) {
    self.name = name
    kind = .categorical
    self.rows = rows
    let entries = vocabulary.entries.map { (text: $0.text, count: $0.count) }.sorted {
      $0.text.utf8.lexicographicallyPrecedes($1.text.utf8)
    }
    tokens = entries.map(\.text)
    counts = entries.map { Double($0.count) }
    present = entries.reduce(0) { $0 + $1.count }
  }

  /// What a training graph knows of numbers: the quantiles that part `rows` rows into equal shares.
  public init(_ name: String, quantiles: [Double], rows: Int64) {
    self.name = name
    kind = .numeric
    self.rows = rows
    present = rows
    edges = quantiles
    let count = quantiles.count + 1
    counts = [Double](repeating: Double(rows) / Double(count), count: count)
    countsMissing = false
  }

  /// What a training graph knows of categories: how often the tokens of its vocabulary came.
  public init(_ name: String, tokens: [(text: String, count: Double)], rows: Int64) {
    self.name = name
    kind = .categorical
    self.rows = rows
    present = rows
    self.tokens = tokens.map(\.text)
    counts = tokens.map(\.count)
    rest = max(0, Double(rows) - counts.reduce(0, +))
    countsMissing = false
  }

  /// The distribution that a line of `distributions.jsonl` says; `nil` for a line that says none.
  public init?(_ line: JSONValue) {
    guard let name = line["feature"]?.string,
      let kind = line["kind"]?.string.flatMap(FeatureKind.init), let rows = line["rows"]?.integer,
      let present = line["present"]?.integer, let values = line["values"]?.array,
      let counts = line["counts"]?.array, counts.count == values.count
    else { return nil }
    self.name = name
    self.kind = kind
    self.rows = rows
    self.present = present
    self.counts = counts.compactMap(\.number)
    numbers = kind == .numeric ? values.compactMap(\.number) : []
    tokens = kind == .categorical ? values.compactMap(\.string) : []
    rankError = line["rank_error"]?.number ?? 0
    guard self.counts.count == max(numbers.count, tokens.count) else { return nil }
  }

  /// Rows without a value.
  var missing: Double { Double(rows - present) }

  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("feature")
    writer.value(name)
    writer.key("kind")
    writer.value(kind.rawValue)
    writer.key("rows")
    writer.value(rows)
    writer.key("present")
    writer.value(present)
    if rankError > 0 {
      writer.key("rank_error")
      writer.value(rankError)
    }
    writer.key("values")
    if kind == .numeric { writer.value(numbers) } else { writer.value(tokens) }
    writer.key("counts")
    writer.value(counts)
    writer.endObject()
    writer.newline()
  }
}
