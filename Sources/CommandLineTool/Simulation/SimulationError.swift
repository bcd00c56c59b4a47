/// A case or transcript that cannot be read.
struct SimulationError: Error, CustomStringConvertible {
  var place: String
  var message: String

  var description: String { "\(place): \(message)" }
}
