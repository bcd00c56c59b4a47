import Checkpoints
import Columns
import Dataflow
import Expressions

extension JobPlan {
  /// What a job must keep for its checkpoints to stay usable: everything that decides what is
  /// computed, and not where it is written.
  var identity: JobIdentity {
    get throws(ConfigurationError) {
      let exempt = ["job", "output", "checkpoint", "memory", "dead_letters", "runtimes"]
      var sections: [JobIdentity.Section] = []
      for (key, value) in try configuration.root.entries().pairs where !exempt.contains(key.text) {
        sections.append(JobIdentity.Section(key.text, text: try value.canonicalText()))
      }
      let columns = (pipeline.join?.inputs.map(\.schema) ?? [pipeline.inputSchema]).flatMap(
        \.fields)
      let types = columns.map { "\($0.name): \($0.type)" }
      sections.append(
        JobIdentity.Section("types of the columns", text: types.joined(separator: "\n")))
      if !models.isEmpty {
        let digests = models.map { "\($0.reference.path): \($0.reference.digest)" }
        sections.append(
          JobIdentity.Section("the models' files", text: digests.joined(separator: "\n")))
      }
      return JobIdentity(job: configuration.name, sections: sections)
    }
  }
}

extension ConfigurationNode {
  /// How the input is reached decides nothing of what is computed, and holds secrets; what happens
  /// at a gap may be decided when there is one.
  fileprivate static let connection = ["source", "join.predictions", "join.labels"].flatMap {
    input in
    ["brokers", "security", "properties", "group", "on_offset_gap"].map {
      "\(input).kafka.\($0)"
    }
  }

  /// The node without layout and comments, with environment variables replaced.
  fileprivate func canonicalText() throws(ConfigurationError) -> String {
    if isMapping {
      var parts: [String] = []
      for (key, value) in try entries().pairs where !Self.connection.contains(value.path) {
        parts.append("\(key.text.debugDescription): \(try value.canonicalText())")
      }
      return "{\(parts.joined(separator: ", "))}"
    }
    if isSequence {
      var parts: [String] = []
      for item in try list() { parts.append(try item.canonicalText()) }
      return "[\(parts.joined(separator: ", "))]"
    }
    return try string().debugDescription
  }
}
