public import ByteCoding
public import Columns

/// How many distinct values a quantile sketch may hold.
public struct QuantileParameters: Hashable, Sendable {
  /// At least 2.
  public var budget: Int

  public init(budget: Int = 8192) {
    precondition(budget >= 2, "a budget of \(budget) values")
    self.budget = budget
  }
}

/// Quantiles of a numeric column, weighted by a second one if there is one.
///
/// Missing and NaN values are skipped, and rows whose weight is missing, NaN, infinite or not
/// positive; ±∞ are values like others; −0 is taken as 0.
public struct QuantilesAccumulator: Accumulator {
  private let parameters: QuantileParameters
  private(set) var sketch = QuantileSketch()

  public init(_ parameters: QuantileParameters) { self.parameters = parameters }

  init(_ parameters: QuantileParameters, _ sketch: QuantileSketch) {
    self.parameters = parameters
    self.sketch = sketch
  }

  public mutating func add(_ inputs: [Column]) {
    let values = NumericColumn(inputs[0]).doubles
    let weights =
      inputs.count > 1
      ? NumericColumn(inputs[1]).doubles : [Double](repeating: 1, count: values.count)
    let rows = zip(values, weights).filter { !$0.isNaN && $1 > 0 && $1 < .infinity }
      .map { (key: OrderedKey.key($0 + 0.0), weight: $1) }
      .sorted { $0.key < $1.key }
    guard let first = rows.first, let last = rows.last else { return }
    var keys: [Int64] = []
    var sums = LaneSums()
    for row in rows {
      if keys.last != row.key {
        keys.append(row.key)
        sums.lanes.append(0)
      }
      sums.add(row.weight, at: keys.count - 1)
    }
    sketch.merge(
      QuantileSketch(
        shift: 0, keys: keys, weights: sums, lowKey: first.key, highKey: last.key,
        count: Int64(rows.count)),
      budget: parameters.budget)
  }

  public mutating func merge(_ other: QuantilesAccumulator) {
    sketch.merge(other.sketch, budget: parameters.budget)
  }

  public func output() -> QuantileSketch { sketch }

  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    sketch.encode(into: &writer)
  }

  public static func decode(
    _ parameters: QuantileParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> QuantilesAccumulator {
    try FormatVersion.read(from: &reader)
    return QuantilesAccumulator(parameters, try QuantileSketch.decode(from: &reader))
  }
}
