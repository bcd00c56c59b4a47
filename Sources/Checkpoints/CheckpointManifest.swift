import FileIO
import Formats

/// `manifest.json` of a checkpoint: which files it has, and the digests of them and of itself.
public struct CheckpointManifest: Hashable, Sendable {
  public struct File: Hashable, Sendable {
    public var byteCount: Int
    /// SHA-256, hexadecimal.
    public var digest: String
  }

  /// Up to where a journal segment belongs to the checkpoint.
  public struct JournalPosition: Hashable, Sendable {
    public var file: String
    public var byteCount: Int
  }

  static let name = "manifest.json"
  static let currentFormat = 1

  public var number: Int
  public var identity: JobIdentity
  public var files: [String: File]
  public var partCount: Int
  public var journal: JournalPosition

  /// The manifest as a file: one JSON object, whose last member is the digest of all before it.
  func encoded() -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("format", Self.currentFormat)
    writer.member("number", number)
    writer.key("job")
    writer.value(identity.job)
    writer.key("sections")
    writer.beginObject()
    for section in identity.sections {
      writer.key(section.name)
      writer.value(section.digest)
    }
    writer.endObject()
    writer.key("files")
    writer.beginObject()
    for (name, file) in files.sorted(by: { $0.key < $1.key }) {
      writer.key(name)
      writer.beginObject()
      writer.member("bytes", file.byteCount)
      writer.key("sha256")
      writer.value(file.digest)
      writer.endObject()
    }
    writer.endObject()
    writer.member("parts", partCount)
    writer.key("journal")
    writer.beginObject()
    writer.key("file")
    writer.value(journal.file)
    writer.member("bytes", journal.byteCount)
    writer.endObject()
    writer.endObject()
    let body = Array(writer.bytes.dropLast())
    return body + Self.seal(of: body)
  }

  /// The end of a manifest that begins with `body`.
  private static func seal(of body: [UInt8]) -> [UInt8] {
    Array(",\"sha256\":\"\(ContentDigest.hex(body))\"}\n".utf8)
  }

  /// - Throws: ``CheckpointError`` if the bytes are not what was written.
  init(_ bytes: [UInt8], path: String) throws(CheckpointError) {
    let sealCount = Self.seal(of: []).count
    let body = Array(bytes.dropLast(sealCount))
    guard bytes.count > sealCount, body + Self.seal(of: body) == bytes else {
      throw CheckpointError(.damaged, path, "its digest is not that of its content")
    }
    guard let json = try? JSONValue(parsing: bytes) else {
      throw CheckpointError(.damaged, path, "it is not JSON")
    }
    guard json["format"]?.integer == Int64(Self.currentFormat) else {
      throw CheckpointError(
        .other, path, "another version of limno wrote it; this one reads format 1")
    }
    guard let number = json["number"]?.integer, let job = json["job"]?.string,
      case .object(let sections)? = json["sections"], case .object(let files)? = json["files"],
      let parts = json["parts"]?.integer, let journal = json["journal"],
      let journalFile = journal["file"]?.string, let journalBytes = journal["bytes"]?.integer
    else { throw CheckpointError(.damaged, path, "a member is missing") }
    self.number = Int(number)
    identity = JobIdentity(
      job: job,
      sections: sections.members.map {
        JobIdentity.Section(name: $0.key, digest: $0.value.string ?? "")
      })
    self.files = [:]
    for file in files.members {
      self.files[file.key] = File(
        byteCount: Int(file.value["bytes"]?.integer ?? -1),
        digest: file.value["sha256"]?.string ?? "")
    }
    partCount = Int(parts)
    self.journal = JournalPosition(file: journalFile, byteCount: Int(journalBytes))
  }

  init(
    number: Int, identity: JobIdentity, files: [String: File], partCount: Int,
    journal: JournalPosition
  ) {
    self.number = number
    self.identity = identity
    self.files = files
    self.partCount = partCount
    self.journal = journal
  }
}
