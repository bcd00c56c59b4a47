/// Ranks drawn with probability proportional to 1 / (rank + 1), in constant time.
///
/// Source: Vose, "A Linear Algorithm for Generating Random Numbers with a Given Distribution",
/// IEEE TSE 17 (1991).
struct Zipf {
  private var probability: [Double]
  private var alias: [Int]

  init(count: Int) {
    let weights = (1...count).map { 1 / Double($0) }
    let total = weights.reduce(0, +)
    probability = weights.map { $0 / total * Double(count) }
    alias = Array(0..<count)
    var small = probability.indices.filter { probability[$0] < 1 }
    var large = probability.indices.filter { probability[$0] >= 1 }
    while let low = small.popLast(), let high = large.popLast() {
      alias[low] = high
      probability[high] -= 1 - probability[low]
      if probability[high] < 1 { small.append(high) } else { large.append(high) }
    }
  }

  func rank(_ random: inout SplitMix64) -> Int {
    let slot = random.below(probability.count)
    return random.uniform() < probability[slot] ? slot : alias[slot]
  }
}
