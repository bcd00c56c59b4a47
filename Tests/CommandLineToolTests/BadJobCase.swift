import Testing

@testable import CommandLineTool

/// A change to a good job file that spoils it, and what must be said about that.
struct BadJobCase: Sendable, CustomStringConvertible {
  var description: String
  var found: String
  var replacement: String
  var line: Int
  /// What the message must hold.
  var words: [String]

  init(_ name: String, _ found: String, _ replacement: String, line: Int, _ words: String...) {
    description = name
    self.found = found
    self.replacement = replacement
    self.line = line
    self.words = words
  }

  /// The spoilt job file.
  func text(of job: String) -> String {
    #expect(job.contains(found), "the case does not apply")
    return job.replacing(found, with: replacement, maxReplacements: 1)
  }

  /// The file at `path` gives one line: where, what was found, what is allowed.
  func check(_ path: String) throws {
    do {
      let root = try ConfigurationFile.read(path, environment: [:])
      _ = try JobPlanner(configuration: try JobParser.parse(root)).plan()
      Issue.record("the job is taken for a good one")
    } catch let error as ConfigurationError {
      let message = "\(error)"
      #expect(message.hasPrefix("\(path):\(line):"), "\(message)")
      for word in words { #expect(message.contains(word) || word.isEmpty, "\(message)") }
      #expect(!message.contains("\n"), "\(message)")
    }
  }
}
