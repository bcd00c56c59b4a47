import DataflowTesting
import Foundation
import Testing

@testable import Runtime

@Suite struct PrefixMaximaTests {
  @Test func `every chunk gets the maximum of all before it, whoever comes first`() {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = SeededGenerator(seed: seed)
    let maxima = (0..<60).map { _ in Int64.random(in: 0..<1000, using: &generator) }
    let order = maxima.indices.shuffled(using: &generator)
    let prefixes = PrefixMaxima()
    let found = Locked([Int: Int64]())
    for sequence in order {
      let thread = Thread {
        let prior = prefixes.pass(split: 3, sequence: sequence, own: maxima[sequence]) { false }
        found.withLock { $0[sequence] = prior }
      }
      thread.start()
    }
    let deadline = Date(timeIntervalSinceNow: 30)
    while found.withLock(\.count) < maxima.count && Date() < deadline {
      Thread.sleep(forTimeInterval: 0.001)
    }
    let priors = found.withLock { $0 }
    for sequence in maxima.indices {
      let expected = maxima[..<sequence].max() ?? .min
      #expect(priors[sequence] == expected, "seed \(seed), chunk \(sequence)")
    }
  }

  @Test func `a stopped run waits for nobody`() {
    #expect(PrefixMaxima().pass(split: 0, sequence: 1, own: 5) { true } == nil)
  }

  @Test func `splits do not mix`() {
    let prefixes = PrefixMaxima()
    #expect(prefixes.pass(split: 0, sequence: 0, own: 5) { true } == .min)
    #expect(prefixes.pass(split: 1, sequence: 0, own: 9) { true } == .min)
    #expect(prefixes.pass(split: 0, sequence: 1, own: 1) { true } == 5)
    #expect(prefixes.pass(split: 0, sequence: 2, own: 1) { true } == 5)
    #expect(prefixes.pass(split: 1, sequence: 1, own: 10) { true } == 9)
    #expect(prefixes.pass(split: 1, sequence: 2, own: 0) { true } == 10)
  }
}
