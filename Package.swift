// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: ["README.md"], swiftSettings: settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies,
    swiftSettings: settings)
}

let package = Package(
  name: "Limnograph",
  targets: [
    // Layer 0: vocabulary.
    .target(name: "CScan", exclude: ["README.md"]),
    library("ByteCoding"),
    library("EventTime"),
    library("Columns"),
    // Layer 1: bytes and batches to state and batches; pure.
    library("Accumulators", ["Columns", "ByteCoding"]),
    library("Formats", ["Columns", "ByteCoding", "CScan"]),
    library("Expressions", ["Columns", "ByteCoding"]),
    // Layer 2: what a pipeline is.
    library("Dataflow", ["EventTime", "Columns", "Accumulators", "Expressions", "ByteCoding"]),
    // Layer 3: what is computed.
    library("Transform", ["Dataflow", "Expressions", "Accumulators", "Columns", "ByteCoding"]),
    library(
      "Evaluation",
      ["Dataflow", "Expressions", "Accumulators", "Columns", "ByteCoding", "Formats"]),
    // Test kits.
    library("DataflowTesting", ["Accumulators", "Columns", "ByteCoding", "EventTime", "Dataflow"]),
    // Tests.
    tests(of: "ByteCoding"),
    tests(of: "EventTime"),
    tests(of: "Columns"),
    tests(of: "Accumulators", ["DataflowTesting", "Columns", "ByteCoding"]),
    tests(of: "Formats", ["Columns", "ByteCoding"]),
    tests(of: "Expressions", ["Columns"]),
    tests(of: "Dataflow", ["DataflowTesting", "EventTime", "Columns", "Accumulators"]),
    tests(of: "Transform", ["DataflowTesting", "Dataflow", "Columns", "Formats"]),
    tests(of: "Evaluation", ["DataflowTesting", "Dataflow", "Columns", "Formats"]),
  ]
)
