public import ByteCoding
public import Columns

/// How many distinct values a column has: counted one by one up to 1,024, then estimated.
///
/// Input: a column of any type, or lists (then their elements count). Missing and NaN are skipped;
/// −0 is 0.
public struct DistinctCountAccumulator: Accumulator {
  private(set) var sketch: DistinctSketch

  public init(_ parameters: DistinctCountParameters) {
    sketch = DistinctSketch(precision: parameters.precision)
  }

  init(_ sketch: DistinctSketch) { self.sketch = sketch }

  public mutating func add(_ inputs: [Column]) {
    let tokens = TokenColumn(inputs[0])
    var cache = HashCache()
    let (hashes, isUsable) = cache.hashes(of: tokens)
    var present: [UInt64] = []
    tokens.forEachElement { _, element in
      if isUsable?[element] ?? true { present.append(hashes[element]) }
    }
    sketch.insert(present)
  }

  public mutating func merge(_ other: DistinctCountAccumulator) { sketch.merge(other.sketch) }

  public func output() -> DistinctCount { sketch.output() }

  public func encode(into writer: inout ByteWriter) {
    writer.append(FormatVersion.current)
    sketch.encode(into: &writer)
  }

  public static func decode(
    _ parameters: DistinctCountParameters, from reader: inout ByteReader
  ) throws(ByteCodingError) -> DistinctCountAccumulator {
    try FormatVersion.read(from: &reader)
    return DistinctCountAccumulator(
      try DistinctSketch.decode(precision: parameters.precision, from: &reader))
  }
}
