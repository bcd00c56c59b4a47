import DataflowTesting
import Foundation
import Testing

@testable import Expressions

@Suite struct NaturalLogarithmTests {
  /// The distance from the C library's result, which is within 0.52 ulp of the exact one, in ulp.
  private func distance(_ x: Double) -> Double {
    let expected = Foundation.log(x)
    return (NaturalLogarithm.of(x) - expected).magnitude / expected.ulp
  }

  @Test func `logarithms are within one unit in the last place`() {
    let seed: UInt64 = 20_261_130
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<200_000 {
      // All magnitudes, and those about 1, where the logarithm is about 0.
      let any = Double(bitPattern: generator.next() >> 1)
      let near = Double(bitPattern: 0x3FE0_0000_0000_0000 + generator.next() >> 10)
      for x in [any, near] where x.isFinite && x > 0 && x != 1 {
        #expect(distance(x) <= 1, "seed \(seed): \(x)")
      }
    }
  }

  #if arch(x86_64) && canImport(Glibc)
  @Test func `the error is below seven tenths of a unit in the last place`() {
    var generator = SeededGenerator(seed: 7)
    var greatest = 0.0
    for _ in 0..<200_000 {
      let x = Double(bitPattern: 0x3FD0_0000_0000_0000 + generator.next() >> 10)
      let exact = Foundation.log(Float80(x))
      guard exact != 0 else { continue }
      let error = (Float80(NaturalLogarithm.of(x)) - exact).magnitude / Float80(Double(exact).ulp)
      greatest = max(greatest, Double(error))
    }
    #expect(greatest < 0.7)
  }
  #endif

  private static let edges: [(Double, Double)] = [
    (1, 0), (0, -.infinity), (-0.0, -.infinity), (.infinity, .infinity),
    (2, 0x1.62E42FEFA39EFp-1), (0.5, -0x1.62E42FEFA39EFp-1),
    (.leastNonzeroMagnitude, -0x1.74385446D71C3p9), (.leastNormalMagnitude, -0x1.6232BDD7ABCD2p9),
    (.greatestFiniteMagnitude, 0x1.62E42FEFA39EFp9),
  ]

  @Test(arguments: edges)
  func `at the edges it is what the C library says`(_ x: Double, _ expected: Double) {
    #expect(NaturalLogarithm.of(x) == expected)
    #expect(Foundation.log(x) == expected)
  }

  @Test(arguments: [Double.nan, -1, -Double.infinity, -Double.leastNonzeroMagnitude])
  func `of what has none it is not a number`(_ x: Double) {
    #expect(NaturalLogarithm.of(x).isNaN)
  }
}
