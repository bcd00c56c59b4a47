import ArgumentParser
import Foundation

extension JobConfiguration {
  /// Reads and checks the job file at `path`, with the variables of the process's environment.
  init(path: String) throws {
    self = try JobParser.parse(
      try ConfigurationFile.read(path, environment: ProcessInfo.processInfo.environment))
  }
}

/// How a command prints its results.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case table, json
}

/// What commands on a job file have in common.
struct JobOptions: ParsableArguments {
  @Argument(help: "The job file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
  var job: String

  @Option(help: "Output directory; overrides output.snapshots of the job file.")
  var out: String?

  @Option(help: "Directory of checkpoints; overrides checkpoint.directory of the job file.")
  var state: String?

  @Option(help: "A Python that has what runs models: ONNX Runtime or TensorFlow.")
  var python: String?

  /// Reads, checks and binds the job file.
  func plan() throws -> JobPlan {
    try JobPlanner(configuration: try configuration()).plan()
  }

  /// Reads and checks the job file.
  func configuration() throws -> JobConfiguration {
    var configuration = try JobConfiguration(path: job)
    if let out { configuration.snapshots = out }
    if let python { configuration.runtimes.python = python }
    if let state {
      var checkpoints =
        configuration.checkpoints ?? JobConfiguration.Checkpoints(directory: state)
      checkpoints.directory = state
      configuration.checkpoints = checkpoints
    }
    return configuration
  }
}
