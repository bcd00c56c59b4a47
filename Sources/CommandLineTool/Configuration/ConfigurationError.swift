/// A job file that cannot be used: where, what was found, what is allowed.
struct ConfigurationError: Error, CustomStringConvertible {
  var file: String
  /// From 1; 0 when the place is the file as a whole.
  var line: Int
  var column: Int
  var message: String

  var description: String {
    line == 0 ? "\(file): \(message)" : "\(file):\(line):\(column): \(message)"
  }
}
