import Dataflow
import Evaluation
import EventTime
import Expressions
import FileIO
import ModelRuntime
import Snapshots
import Transform

/// The distributions that a published transform version knows: those that its rows were scaled,
/// bucketed and indexed by.
struct TrainingReference {
  private let version: TransformVersion
  private let rows: Int64
  private let directory: String

  /// `{ transform: DIRECTORY, rows: N }`; the rows are known of a version of all of event time.
  init(_ node: ConfigurationNode, models: ModelLibrary) throws {
    let block = try node.mapping(["transform", "rows"])
    let path = try block.required("transform")
    directory = try path.string()
    do {
      version = try TransformDirectory.version(at: directory, models: models)
      if let rows = block["rows"] {
        self.rows = Int64(try rows.integer(1...Int.max))
        return
      }
      let file = directory + "/manifest.json"
      let manifest = try Manifest(json: try FileSystem.contents(of: file), path: file)
      guard manifest.window == .global else {
        throw path.error(
          "how many rows \(directory) was made of is not known, as its window is "
            + "\(manifest.window); say so with 'rows'")
      }
      rows = Int64(manifest.ledger.aggregated)
    } catch let error as ConfigurationError {
      throw error
    } catch {
      throw path.error("\(error)")
    }
  }

  /// What is known of each feature.
  func distributions(
    _ features: [(feature: DriftSpec.Feature, node: ConfigurationNode)]
  ) throws(ConfigurationError) -> [FeatureDistribution] {
    var found: [FeatureDistribution] = []
    for (feature, node) in features {
      guard let distribution = distribution(feature) else {
        throw node.error(
          feature.kind == .numeric
            ? "\(directory) has no quantiles of '\(feature.name)'; a transform with "
              + "bucketize(\(feature.name), 10) has"
            : "\(directory) has no frequencies of '\(feature.name)'; a transform with "
              + "vocabulary(\(feature.name), store_frequency=true) has")
      }
      found.append(distribution)
    }
    return found
  }

  private func distribution(_ feature: DriftSpec.Feature) -> FeatureDistribution? {
    let formula = try? Formula(feature.name).expression
    for constant in version.constants {
      guard case .call(let name, let arguments)? = try? Formula(constant.formula).expression,
        arguments.first?.value == formula,
        !arguments.contains(where: { $0.label == "weights" || $0.label == "labels" })
      else { continue }
      switch (feature.kind, constant.value) {
      case (.numeric, .floats(let quantiles)) where name == "quantiles" && !quantiles.isEmpty:
        return FeatureDistribution(feature.name, quantiles: quantiles, rows: rows)
      case (.categorical, .tokens(let tokens))
      where name.hasSuffix("vocabulary") && constant.frequencies.count == tokens.count:
        return FeatureDistribution(
          feature.name, tokens: zip(tokens.strings, constant.frequencies).map { ($0, $1) },
          rows: rows)
      default: continue
      }
    }
    return nil
  }
}
