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
  products: [
    .executable(name: "limno", targets: ["limno"]),
    .library(
      name: "Limnograph",
      targets: ["Columns", "Expressions", "Accumulators", "Transform", "Evaluation"]),
    .library(name: "LimnographOperators", type: .dynamic, targets: ["ONNXOperators"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    // Layer 0: vocabulary.
    .target(name: "CScan", exclude: ["README.md"]),
    .target(name: "CCRC32C", exclude: ["README.md"]),
    library("ByteCoding", ["CCRC32C"]),
    library("EventTime"),
    library("Columns", ["CScan"]),
    // Layer 1: bytes and batches to state and batches; pure.
    library("Accumulators", ["Columns", "ByteCoding"]),
    library("Formats", ["Columns", "ByteCoding", "CScan"]),
    library("Expressions", ["Columns", "ByteCoding"]),
    // Layer 2: what a pipeline is.
    library(
      "Dataflow",
      ["EventTime", "Columns", "Accumulators", "Expressions", "Formats", "ByteCoding"]),
    // Layer 3: what is computed.
    library(
      "Transform",
      ["Dataflow", "Expressions", "Accumulators", "Formats", "Columns", "ByteCoding"]),
    library(
      "Evaluation",
      ["Dataflow", "Expressions", "Accumulators", "Columns", "ByteCoding", "Formats"]),
    library("Aggregation", ["Dataflow", "Expressions", "Accumulators", "Columns", "Formats"]),
    // Layer 4: engines, edges, outputs.
    .systemLibrary(
      name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"]), .brew(["lz4"])]),
    .systemLibrary(
      name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "CLinux", exclude: ["README.md"]),
    library(
      "FileIO",
      [
        "Accumulators", "Dataflow", "Formats", "Columns", "ByteCoding", "CLinux", "CLZ4",
        "CZstd", "CZlib",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .systemLibrary(
      name: "CRdKafka", pkgConfig: "rdkafka",
      providers: [.apt(["librdkafka-dev"]), .brew(["librdkafka"])]),
    library(
      "KafkaIO", ["Dataflow", "Formats", "Columns", "EventTime", "ByteCoding", "CRdKafka"]),
    library(
      "Checkpoints",
      [
        "Dataflow", "FileIO", "Formats", "ByteCoding",
      ]),
    library(
      "Runtime", ["Accumulators", "Dataflow", "Columns", "EventTime", "Formats", "ByteCoding"]),
    library(
      "Snapshots",
      [
        "Dataflow", "EventTime", "FileIO", "Formats", "ByteCoding",
      ]),
    .target(name: "CModelRuntime", exclude: ["README.md"]),
    library(
      "ModelRuntime",
      [
        "Expressions", "Columns", "FileIO", "ByteCoding", "CModelRuntime",
      ]),
    .target(name: "ONNXOperators", exclude: ["README.md"]),
    library("TensorPrograms", ["Transform", "Expressions", "Columns"]),
    library(
      "TensorFlowExport",
      [
        "TensorPrograms", "Transform", "Evaluation", "Dataflow", "Expressions", "Columns",
        "Formats", "ByteCoding",
      ]),
    library("ONNXExport", ["TensorPrograms", "Transform", "Columns", "ByteCoding"]),
    // Layer 5: chooses and wires.
    library("Report", ["Snapshots", "Dataflow", "EventTime", "FileIO", "Formats"]),
    library(
      "Dashboard",
      [
        "Dataflow", "EventTime", "Formats", .product(name: "FlyingFox", package: "FlyingFox"),
        .product(name: "FlyingSocks", package: "FlyingFox"),
      ]),
    library(
      "CommandLineTool",
      [
        "Runtime", "FileIO", "KafkaIO", "Checkpoints", "Snapshots", "Transform", "Evaluation",
        "TensorFlowExport", "ONNXExport", "TensorPrograms", "ModelRuntime", "Report", "Dashboard",
        "Aggregation",
        "Dataflow",
        "Expressions", "Accumulators", "Formats", "Columns", "EventTime", "ByteCoding",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Yams", package: "Yams"),
      ]),
    .executableTarget(
      name: "limno",
      dependencies: ["CLinux", "CommandLineTool"], exclude: ["README.md"],
      swiftSettings: settings),
    // Test kits.
    library(
      "DataflowTesting",
      ["Accumulators", "Columns", "ByteCoding", "EventTime", "Formats", "Dataflow"]),
    library("FileIOTesting", ["FileIO", "CLZ4", "CZstd", "CZlib"]),
    .target(name: "CScanTesting", dependencies: ["CScan"], exclude: ["README.md"]),
    // Tests.
    tests(of: "CScan", ["CScanTesting", "DataflowTesting"]),
    tests(of: "ByteCoding"),
    tests(of: "EventTime", ["DataflowTesting"]),
    tests(of: "Columns"),
    tests(of: "Accumulators", ["DataflowTesting", "Columns", "ByteCoding"]),
    tests(of: "Formats", ["Columns", "ByteCoding"]),
    tests(of: "FileIO", ["FileIOTesting", "Accumulators", "Formats", "Columns"]),
    tests(of: "KafkaIO", ["DataflowTesting", "Formats", "Columns", "ByteCoding"]),
    tests(of: "Checkpoints", ["FileIOTesting", "FileIO", "Dataflow", "ByteCoding"]),
    tests(of: "Expressions", ["DataflowTesting", "Columns"]),
    tests(
      of: "Dataflow",
      ["DataflowTesting", "EventTime", "Columns", "Accumulators", "Expressions"]),
    tests(
      of: "Transform",
      [
        "DataflowTesting", "ByteCoding", "Dataflow", "Expressions", "Accumulators", "Columns",
        "Formats",
      ]),
    tests(
      of: "Evaluation",
      ["Dataflow", "Expressions", "Accumulators", "Columns", "Formats"]),
    tests(
      of: "Aggregation",
      [
        "DataflowTesting", "Dataflow", "EventTime", "Expressions", "Accumulators", "Columns",
        "Formats",
      ]),
    tests(
      of: "Runtime",
      [
        "DataflowTesting", "FileIOTesting", "CommandLineTool", "Checkpoints", "Snapshots", "FileIO",
        "Aggregation",
        "Dataflow", "EventTime", "Expressions", "Accumulators", "Columns", "Formats", "ByteCoding",
      ]),
    tests(of: "Dashboard", ["Dataflow", "EventTime", "Formats"]),
    tests(of: "TensorPrograms", ["Transform", "Expressions", "Columns"]),
    tests(
      of: "TensorFlowExport",
      ["TensorPrograms", "Transform", "Expressions", "Columns", "ByteCoding"]),
    tests(
      of: "ModelRuntime",
      ["ONNXOperators", "DataflowTesting", "FileIOTesting", "Expressions", "ByteCoding"]),
    tests(of: "ONNXExport", ["TensorPrograms", "Transform", "Expressions", "Columns"]),
    tests(
      of: "Snapshots",
      ["DataflowTesting", "FileIOTesting", "FileIO", "Dataflow", "EventTime", "Formats"]),
    tests(
      of: "CommandLineTool",
      [
        "FileIOTesting", "FileIO", "Snapshots", "Checkpoints", "Formats", "limno", "EventTime",
        "Dataflow",
        .product(name: "Yams", package: "Yams"),
      ]),
  ]
)
