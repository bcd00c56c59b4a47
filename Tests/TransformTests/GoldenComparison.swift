import Columns
import Expressions

/// Our values against those of TFT, as text.
///
/// The bar for a float: within 4 units in the last place of a 32-bit float, or closer to the exact
/// value than TFT's.
struct GoldenComparison: CustomStringConvertible {
  /// Values that had to be equal and are not.
  private(set) var differing = 0
  /// Floats beyond the bar.
  private(set) var far = 0
  private var example = ""

  /// - Parameter exact: The exact values, where they are known.
  mutating func compare(_ ours: [String], _ theirs: [String], exact: [Double]? = nil) {
    guard ours.count == theirs.count else {
      differing += 1
      return note("\(ours.prefix(8))", "\(theirs.prefix(8))")
    }
    for (index, (one, two)) in zip(ours, theirs).enumerated() where one != two {
      // A bucket by exact boundaries, where TFT's are approximate.
      if let exact, Double(one) == exact[index] { continue }
      guard let value = Double(one), let wanted = Double(two), one.isFloat || two.isFloat else {
        differing += 1
        note(one, two)
        continue
      }
      let isCloser = exact.map { ($0[index] - value).magnitude < ($0[index] - wanted).magnitude }
      if Self.distance(value, wanted) > 4, isCloser != true {
        far += 1
        note(one, two)
      }
    }
  }

  private mutating func note(_ one: String, _ two: String) {
    if example.isEmpty { example = "\(one), not \(two)" }
  }

  /// In units in the last place of the 32-bit float `wanted`.
  static func distance(_ value: Double, _ wanted: Double) -> Double {
    if value.isNaN || wanted.isNaN { return value.isNaN && wanted.isNaN ? 0 : .infinity }
    if value == wanted { return 0 }
    return (value - wanted).magnitude / Double(max(Float(wanted).ulp, .leastNormalMagnitude))
  }

  var description: String { "\(differing) differ, \(far) are far; \(example)" }
}

extension String {
  fileprivate var isFloat: Bool {
    contains { $0 == "." || $0 == "e" } || self == "nan" || hasSuffix("inf")
  }
}

/// A line of a vocabulary file: a frequency, or none, and a token.
struct VocabularyLine {
  let frequency: String
  let token: String

  init(_ line: String) {
    guard let space = line.firstIndex(of: " "), let number = Double(line[..<space]) else {
      frequency = "0.0"
      token = line
      return
    }
    frequency = "\(number)"
    token = String(line[line.index(after: space)...])
  }
}

extension Column {
  /// The values of one row: none, one, or those of its list.
  func texts(_ row: Int) -> [String] {
    guard validity.isPresent(row) else { return [] }
    switch self {
    case .bool(let column): return ["\(column.values[row])"]
    case .int64(let column): return ["\(column.values[row])"]
    case .float64(let column): return ["\(column.values[row])"]
    case .string(let column): return [column.dictionary.string(column.ids[row])]
    case .plain(let column):
      let bytes = column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])]
      return [String(decoding: bytes, as: UTF8.self)]
    case .list(let column):
      return (Int(column.offsets[row])..<Int(column.offsets[row + 1])).flatMap {
        column.elements.texts($0)
      }
    }
  }
}
