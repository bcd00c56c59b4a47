/// Publishes directories that appear complete or not at all.
///
/// Each is written under a temporary name in its parent, made durable, renamed, and its parent made
/// durable. A *group* of many shares two syncs of the file system instead of several for each.
/// Publishing again what is there already, byte for byte, succeeds and changes nothing.
public final class AtomicDirectory {
  private struct Staged {
    let temporary: String?
    let path: String
    let fileCount: Int
  }

  /// Up to this many files in a group, each is synced alone; the more, the whole file system.
  private static let singleSyncCount = 8
  private static let prefix = ".limno-staged-"

  /// Tells this attempt's temporary names from those of others.
  public let attempt: String
  private var group: [Staged] = []
  /// Directories whose list of names must be made durable.
  private var changedParents: Set<String> = []

  /// - Precondition: `attempt` is not empty and holds only ASCII letters, digits, `_` and `.`.
  public init(attempt: String) {
    precondition(
      !attempt.isEmpty && attempt.utf8.allSatisfy { Self.isAttemptByte($0) }, "attempt '\(attempt)'"
    )
    self.attempt = attempt
  }

  /// How many directories are staged and not committed.
  public var stagedCount: Int { group.count }

  /// Publishes one directory; durable on return.
  /// - Throws: ``FileIOError``; `alreadyExists` if the path holds something else.
  public func publish(_ content: DirectoryContent) throws(FileIOError) {
    precondition(group.isEmpty, "\(group.count) directories are staged: commit them first")
    try stage([content])
    do throws(FileIOError) { try commitGroup() } catch {
      discardGroup()
      throw error
    }
  }

  /// Writes directories under temporary names, and adds them to the group.
  ///
  /// If one fails, none of them is staged, and they leave nothing behind.
  public func stage(_ contents: [DirectoryContent]) throws(FileIOError) {
    let count = group.count
    do throws(FileIOError) {
      for content in contents { try stage(content) }
    } catch {
      discard(from: count)
      throw error
    }
  }

  /// Makes the group durable and visible, in the order staged; returns how many are new.
  ///
  /// If it fails, those renamed so far are published; calling it again goes on with the rest.
  @discardableResult
  public func commitGroup() throws(FileIOError) -> Int {
    if isLarge {
      try synchronizeDevices()
    } else {
      for case let temporary? in group.map(\.temporary) { try synchronizeTree(temporary) }
    }
    return try revealGroup()
  }

  /// Makes the group durable under its temporary names; ``revealGroup()`` makes it visible.
  public func sealGroup() throws(FileIOError) {
    if isLarge { return try synchronizeDevices() }
    for case let temporary? in group.map(\.temporary) { try synchronizeTree(temporary) }
    try synchronizeParents()
  }

  /// Makes a durable group visible, in the order staged; returns how many are new.
  @discardableResult
  public func revealGroup() throws(FileIOError) -> Int {
    let wasLarge = isLarge
    var newCount = 0
    for position in group.indices {
      let staged = group[position]
      guard let temporary = staged.temporary else { continue }
      if try reveal(temporary, as: staged.path) { newCount += 1 }
      group[position] = Staged(temporary: nil, path: staged.path, fileCount: staged.fileCount)
    }
    if wasLarge { try synchronizeDevices() } else { try synchronizeParents() }
    group = []
    changedParents = []
    return newCount
  }

  /// The temporary name of each staged directory, `nil` for one that is published already.
  public var stagedNames: [String?] { group.map(\.temporary) }

  /// Makes visible what an earlier attempt had sealed; whether it was not yet.
  ///
  /// - Throws: ``FileIOError``, `notFound` if it is neither there nor at `path`.
  @discardableResult
  public func reveal(sealed temporary: String, as path: String) throws(FileIOError) -> Bool {
    changedParents.insert(FileSystem.parent(of: path))
    guard try FileSystem.kind(of: temporary) == nil else { return try reveal(temporary, as: path) }
    guard try FileSystem.kind(of: path) == nil else { return false }
    throw FileIOError(
      .notFound, path: path,
      cause: "it was made ready as \(FileSystem.name(of: temporary)), and neither is there",
      remedy: "the output directory was changed or is another one: restore it, or start afresh")
  }

  /// Removes what is staged and not visible.
  public func discardGroup() {
    discard(from: 0)
    changedParents = []
  }

  private func discard(from first: Int) {
    for staged in group[first...] {
      // What cannot be removed now is a leftover of this attempt, removed by the next.
      if let temporary = staged.temporary { try? FileSystem.removeTree(temporary) }
    }
    group.removeSubrange(first...)
  }

  /// Removes everything below `root` that other attempts staged and did not publish; returns the
  /// paths removed.
  ///
  /// - Precondition: No other attempt is alive (the job's lock is held).
  @discardableResult
  public func removeLeftovers(below root: String) throws(FileIOError) -> [String] {
    var removed: [String] = []
    for name in try FileSystem.names(in: root) {
      let path = FileSystem.joined(root, name)
      guard FileSystem.isRealDirectory(path) else { continue }
      if !name.hasPrefix(Self.prefix) {
        removed += try removeLeftovers(below: path)
      } else if !name.hasPrefix(Self.prefix + attempt + "-") {
        try FileSystem.removeTree(path)
        removed.append(path)
      }
    }
    return removed
  }

  private func stage(_ content: DirectoryContent) throws(FileIOError) {
    try content.checkNames()
    let parent = FileSystem.parent(of: content.path)
    for created in try FileSystem.makeDirectories(parent) {
      changedParents.insert(FileSystem.parent(of: created))
    }
    changedParents.insert(parent)
    if try isPublished(content) {
      group.append(Staged(temporary: nil, path: content.path, fileCount: 0))
      return
    }
    let temporary = FileSystem.joined(
      parent, Self.prefix + attempt + "-" + FileSystem.name(of: content.path))
    try FileSystem.removeTree(temporary)
    do throws(FileIOError) { try write(content, to: temporary) } catch {
      try? FileSystem.removeTree(temporary)
      throw error
    }
    group.append(
      Staged(temporary: temporary, path: content.path, fileCount: content.files.count))
  }

  /// Whether the path already holds `content`; an error if it holds something else.
  private func isPublished(_ content: DirectoryContent) throws(FileIOError) -> Bool {
    guard let kind = try FileSystem.kind(of: content.path) else {
      guard !group.contains(where: { $0.path == content.path }) else {
        throw FileIOError(.alreadyExists, path: content.path, cause: "it is staged twice")
      }
      return false
    }
    let difference =
      kind == .directory
      ? content.difference(from: try DirectoryContent.read(content.path)) : "it is no directory"
    guard let difference else { return true }
    throw FileIOError(
      .alreadyExists, path: content.path, cause: "another version is published here: \(difference)",
      remedy: "move it away, or write to another directory")
  }

  private func write(_ content: DirectoryContent, to directory: String) throws(FileIOError) {
    try FileSystem.makeDirectories(directory)
    for name in content.names {
      let path = FileSystem.joined(directory, name)
      if name.hasSuffix("/") {
        try FileSystem.makeDirectories(path)
        continue
      }
      if name.utf8.contains(UInt8(ascii: "/")) {
        try FileSystem.makeDirectories(FileSystem.parent(of: path))
      }
      try OpenFile(path, .creating).append(content.files[name] ?? [])
    }
  }

  /// Renames; whether the directory is new (`false`: the same one was there by now).
  private func reveal(_ temporary: String, as path: String) throws(FileIOError) -> Bool {
    do throws(FileIOError) {
      try FileSystem.move(temporary, to: path)
      return true
    } catch  where error.code == .alreadyExists {
      let content = try DirectoryContent.read(temporary)
      _ = try isPublished(DirectoryContent(path: path, files: content.files))
      try FileSystem.removeTree(temporary)
      return false
    }
  }

  private func synchronizeTree(_ directory: String) throws(FileIOError) {
    for name in try FileSystem.names(in: directory) {
      let path = FileSystem.joined(directory, name)
      if FileSystem.isRealDirectory(path) {
        try synchronizeTree(path)
      } else {
        try OpenFile(path, .reading).synchronize()
      }
    }
    try FileSystem.synchronizeDirectory(directory)
  }

  private var isLarge: Bool {
    group.reduce(0) { $0 + $1.fileCount } > Self.singleSyncCount
  }

  private func synchronizeParents() throws(FileIOError) {
    for parent in changedParents.sorted() { try FileSystem.synchronizeDirectory(parent) }
  }

  private func synchronizeDevices() throws(FileIOError) {
    var done: Set<UInt64> = []
    for parent in changedParents where done.insert(try FileSystem.device(of: parent)).inserted {
      try OpenFile(parent, .directory).synchronizeFileSystem()
    }
  }

  private static func isAttemptByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
