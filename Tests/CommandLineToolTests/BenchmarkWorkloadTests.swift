import Foundation
import Testing
import Yams

@testable import CommandLineTool

@Suite struct BenchmarkWorkloadTests {
  @Test(arguments: BenchmarkWorkload.allCases)
  func `limno bench runs the jobs of ops/benchmarks`(workload: BenchmarkWorkload) throws {
    let top = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let file = top.appendingPathComponent("ops/benchmarks/\(workload.rawValue).yaml")
    let theirs = try #require(try Yams.compose(yaml: String(contentsOf: file, encoding: .utf8)))
    let ours = try #require(try Yams.compose(yaml: workload.job))
    #expect(ours == theirs)
  }
}
