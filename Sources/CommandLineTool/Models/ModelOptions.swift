import ArgumentParser
import ModelRuntime

/// Where the models are that a published version calls, and what runs them.
struct ModelOptions: ParsableArguments {
  @Option(
    help: "The directory that relative paths of models begin at (default: the current one).",
    completion: .directory)
  var models = ""

  @Option(help: "A Python that has what runs models: ONNX Runtime or TensorFlow.")
  var python: String?

  var library: ModelLibrary {
    ModelLibrary(directory: models, places: RuntimePlaces(python: python))
  }
}
