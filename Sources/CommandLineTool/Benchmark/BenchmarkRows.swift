import FileIO
import Foundation

/// Writes rows like those of the benchmark: one every 3 ms of event time, 30 % of them up to 4 s
/// out of order, 0.1 % 15 to 120 s behind; the same bytes every time.
///
/// The distributions are those of `ops/benchmarks/data/generate.cc`, the rows are not.
struct BenchmarkRows {
  private var random = SplitMix64(seed: 0x9E37_79B9_7F4A_7C15)
  private let countries: [[UInt8]]
  private let devices: [[UInt8]]
  private let companies: [[UInt8]]
  private let words: [[UInt8]]
  private let countryChoice = ZipfTable(count: 40, exponent: 1)
  private let deviceChoice = ZipfTable(count: 5, exponent: 1)
  private let companyChoice = ZipfTable(count: 5000, exponent: 1.05)
  private let wordChoice = ZipfTable(count: 50_000, exponent: 1.05)
  private let userChoice = ZipfTable(count: 1_000_000, exponent: 0.8)
  private var line: [UInt8] = []

  init() {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    countries = (0..<40).map { [letters[$0 % 26], letters[($0 * 7 + 3) % 26]] }
    devices = ["mobile", "desktop", "tablet", "tv", "other"].map { Array($0.utf8) }
    companies = (0..<5000).map { Array("company-\(10_000 + $0)".utf8) }
    let syllables = ["ba", "ke", "lo", "mi", "nu", "ra", "se", "to", "vi", "zu", "chan", "dor"]
    words = (0..<50_000).map { index in
      var rest = index
      var word = ""
      repeat {
        word += syllables[rest % syllables.count]
        rest /= syllables.count
      } while rest > 0
      return Array(word.utf8)
    }
  }

  /// Writes `count` rows to a new file at `path`.
  mutating func write(_ count: Int, to path: String) throws {
    let file = try AtomicFileWriter(
      path: path, attempt: "\(ProcessInfo.processInfo.processIdentifier)")
    line.reserveCapacity(2 << 20)
    for row in 0..<count {
      append(row)
      if line.count > 1 << 20 {
        try file.append(line)
        line.removeAll(keepingCapacity: true)
      }
    }
    try file.append(line)
    try file.finish()
  }

  private mutating func append(_ row: Int) {
    var time = 1_700_000_040_000 + 3 * row
    let delay = random.unit()
    if delay < 0.001 {
      time -= 15_000 + Int(random.unit() * 105_000)
    } else if delay < 0.301 {
      time -= Int(random.unit() * 4000)
    }
    text("{\"event_time\":")
    integer(time)
    text(",\"user_id\":")
    integer(1 + userChoice.draw(&random))
    text(",\"country\":\"")
    line += countries[countryChoice.draw(&random)]
    text("\",\"device\":\"")
    line += devices[deviceChoice.draw(&random)]
    text("\",\"company\":\"")
    line += companies[companyChoice.draw(&random)]
    text("\",\"query\":\"")
    appendQuery()
    appendNumbers()
  }

  private mutating func appendQuery() {
    let kind = random.unit()
    for index in 0..<(3 + Int(random.next() % 4)) {
      if index > 0 { text(" ") }
      let word = words[wordChoice.draw(&random)]
      if index == 1 && kind < 0.005 {
        text("\\\"")
        line += word
        text("\\\"")
      } else {
        line += word
        if index == 1 && kind < 0.015 { text("é") }
      }
    }
  }

  private mutating func appendNumbers() {
    let fare = exp(2.5 + 0.6 * random.normal())
    text("\",\"fare\":")
    fixed(fare, digits: 2)
    let missing = random.unit()
    if missing < 0.01 {
      text(",\"distance\":null")
    } else if missing >= 0.02 {
      text(",\"distance\":")
      fixed(exp(1 + 0.8 * random.normal()), digits: 3)
    }
    text(",\"tip\":")
    fixed(random.unit() < 0.4 ? 0 : fare * 0.3 * random.unit(), digits: 2)
    text(",\"age\":")
    integer(min(90, max(18, Int(40 + 14 * random.normal()))))
    let logit = -0.8 + 1.2 * random.normal()
    let isPositive = random.unit() < 1 / (1 + exp(-(0.9 * logit + 0.1)))
    text(isPositive ? ",\"label\":1,\"score\":" : ",\"label\":0,\"score\":")
    fixed(min(0.999_999, max(0.000_001, 1 / (1 + exp(-logit)))), digits: 6)
    text(",\"weight\":")
    fixed(random.unit() < 0.8 ? 1 : 0.5 + 1.5 * random.unit(), digits: 2)
    text("}\n")
  }

  private mutating func text(_ text: StaticString) {
    line.append(contentsOf: text.description.utf8)
  }

  private mutating func integer(_ value: Int) { line.append(contentsOf: String(value).utf8) }

  private mutating func fixed(_ value: Double, digits: Int) {
    let scale = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000][digits]
    let units = Int((value * Double(scale)).rounded())
    integer(units / scale)
    text(".")
    line.append(contentsOf: String(scale + units % scale).utf8.dropFirst())
  }
}

/// Numbers below `count`, of which number `k` has weight `1 / (k + 1)^exponent`; an alias table.
private struct ZipfTable {
  private let count: Int
  private var keep: [Double]
  private var alias: [Int]

  init(count: Int, exponent: Double) {
    let weights = (1...count).map { pow(Double($0), -exponent) }
    let total = weights.reduce(0, +)
    self.count = count
    keep = weights.map { $0 / total * Double(count) }
    alias = Array(0..<count)
    var low = keep.indices.filter { keep[$0] < 1 }
    var high = keep.indices.filter { keep[$0] >= 1 }
    while let small = low.last, let large = high.last {
      low.removeLast()
      alias[small] = large
      keep[large] -= 1 - keep[small]
      if keep[large] < 1 {
        high.removeLast()
        low.append(large)
      }
    }
  }

  func draw(_ random: inout SplitMix64) -> Int {
    let index = Int(random.unit() * Double(count))
    return random.unit() < keep[index] ? index : alias[index]
  }
}

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014).
private struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    // Wrapping is what the generator is defined by.
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// In `[0, 1)`.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Nearly normal: the sum of twelve uniform numbers.
  mutating func normal() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += unit() }
    return sum
  }
}
