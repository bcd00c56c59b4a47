public import Columns

/// Seeded random columns, rich in what breaks statistics.
public struct RandomColumns {
  public var generator: SeededGenerator

  public init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  private mutating func validity(_ count: Int) -> Validity {
    // Every second column has no missing row.
    Bool.random(using: &generator)
      ? Validity(allPresent: count)
      : Validity((0..<count).map { _ in Int.random(in: 0..<8, using: &generator) != 0 })
  }

  /// Any double at all, with many special and repeated ones.
  public mutating func wildDouble() -> Double {
    switch Int.random(in: 0..<16, using: &generator) {
    case 0: .nan
    case 1: Bool.random(using: &generator) ? .infinity : -.infinity
    case 2: -0.0
    case 3: 0
    case 4: Double.leastNonzeroMagnitude * Double(Int.random(in: -9...9, using: &generator))
    case 5: Double.greatestFiniteMagnitude * (Bool.random(using: &generator) ? 1 : -1)
    case 6: Double(bitPattern: generator.next())
    case 7: Double.random(in: -1e-9...1e-9, using: &generator)
    case 8, 9: Double(Int.random(in: -5...5, using: &generator))
    default: tameDouble()
    }
  }

  /// A finite double of everyday size.
  public mutating func tameDouble() -> Double { Double.random(in: -100...1000, using: &generator) }

  public mutating func wildDoubles(_ count: Int) -> Column {
    let isFinite = Bool.random(using: &generator)
    let values = (0..<count).map { _ in
      let value = wildDouble()
      return isFinite && !value.isFinite ? 1 : value
    }
    return .float64(Float64Column(values, validity: validity(count)))
  }

  public mutating func tameDoubles(_ count: Int) -> Column {
    .float64(
      Float64Column((0..<count).map { _ in tameDouble() }, validity: validity(count)))
  }

  public mutating func integers(_ count: Int) -> Column {
    let values = (0..<count).map { _ in
      Bool.random(using: &generator)
        ? Int64.random(in: -20...20, using: &generator)
        : Int64.random(in: .min ... .max, using: &generator)
    }
    return .int64(Int64Column(values, validity: validity(count)))
  }

  public mutating func bools(_ count: Int) -> Column {
    .bool(
      BoolColumn(
        (0..<count).map { _ in Bool.random(using: &generator) }, validity: validity(count)))
  }

  /// Labels: mostly 0 and 1, some between, few out of range.
  public mutating func labels(_ count: Int) -> Column {
    let values = (0..<count).map { _ -> Double in
      switch Int.random(in: 0..<16, using: &generator) {
      case 0: Double.random(in: -1...2, using: &generator)
      case 1, 2: Double.random(in: 0...1, using: &generator)
      case 3: .nan
      case let other: Double(other & 1)
      }
    }
    return .float64(Float64Column(values, validity: validity(count)))
  }

  /// Predictions: mostly within (0, 1), some at bin edges or outside.
  public mutating func predictions(_ count: Int) -> Column {
    let values = (0..<count).map { _ -> Double in
      switch Int.random(in: 0..<16, using: &generator) {
      case 0: [0.0, 0.5, 1.0, -0.25, 1.5][Int.random(in: 0..<5, using: &generator)]
      case 1: wildDouble()
      case 2: Double.random(in: 0...1e-5, using: &generator)
      default: Double.random(in: 0...1, using: &generator)
      }
    }
    return .float64(Float64Column(values, validity: validity(count)))
  }

  private mutating func string() -> String {
    let length = Int.random(in: 0..<24, using: &generator)
    return Bool.random(using: &generator)
      ? "w\(Int.random(in: 0..<12, using: &generator))"
      : String(repeating: "é\(length)", count: length)
  }

  /// Strings by id, the dictionary sometimes one that other batches share.
  public mutating func strings(_ count: Int, dictionary: StringDictionary) -> Column {
    let held = Int.random(in: 0..<3, using: &generator) == 0 ? StringDictionary() : dictionary
    return .string(
      StringColumn(
        ids: (0..<count).map { _ in held.intern(string()) }, dictionary: held,
        validity: validity(count)))
  }

  public mutating func plainStrings(_ count: Int) -> Column {
    var bytes: [UInt8] = []
    var offsets: [UInt32] = [0]
    for _ in 0..<count {
      bytes += Array(string().utf8)
      offsets.append(UInt32(bytes.count))
    }
    return .plain(PlainStringColumn(bytes: bytes, offsets: offsets, validity: validity(count)))
  }

  /// Lists of zero to three elements, which `elements` makes.
  public mutating func lists(
    _ count: Int, of elements: (inout RandomColumns, Int) -> Column
  ) -> Column {
    var offsets: [UInt32] = [0]
    for _ in 0..<count {
      offsets.append((offsets.last ?? 0) + UInt32.random(in: 0...3, using: &generator))
    }
    let column = elements(&self, Int(offsets.last ?? 0))
    return .list(ListColumn(elements: column, offsets: offsets, validity: validity(count)))
  }
}
