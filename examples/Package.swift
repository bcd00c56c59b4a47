// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

// A package of its own, so that examples see public API only and add nothing to the engine's
// build.
let package = Package(
  name: "examples",
  dependencies: [.package(name: "Limnograph", path: "..")],
  targets: [
    .executableTarget(
      name: "rides-generator", path: "rides/Sources", swiftSettings: settings),
    .executableTarget(
      name: "transform-example",
      dependencies: [.product(name: "Limnograph", package: "Limnograph")],
      path: "transform/Sources", swiftSettings: settings),
  ]
)
