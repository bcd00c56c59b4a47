import FileIO

/// What a job must have in common with the run that wrote a checkpoint.
public struct JobIdentity: Hashable, Sendable {
  public struct Section: Hashable, Sendable {
    /// As the user knows it: a key of the job file.
    public var name: String
    public var digest: String

    /// A section by its canonical text.
    public init(_ name: String, text: String) {
      self.name = name
      digest = ContentDigest.hex(Array(text.utf8))
    }

    init(name: String, digest: String) {
      self.name = name
      self.digest = digest
    }
  }

  public var job: String
  public var sections: [Section]

  public init(job: String, sections: [Section]) {
    self.job = job
    self.sections = sections
  }

  /// In words, what is not as in `other`, the identity of a checkpoint; `nil` if all is.
  func difference(from other: JobIdentity) -> String? {
    if job != other.job { return "the job's name is '\(job)', was '\(other.job)'" }
    let before = Dictionary(uniqueKeysWithValues: other.sections.map { ($0.name, $0.digest) })
    let now = Dictionary(uniqueKeysWithValues: sections.map { ($0.name, $0.digest) })
    let names = Set(before.keys).union(now.keys).sorted()
    let changes = names.compactMap { name -> String? in
      switch (before[name], now[name]) {
      case (nil, _): "'\(name)' is new"
      case (_, nil): "'\(name)' is gone"
      case (let old, let new): old == new ? nil : "'\(name)' has changed"
      }
    }
    return changes.isEmpty ? nil : changes.joined(separator: ", ")
  }
}
